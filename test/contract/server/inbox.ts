/** Durables: they wait for their reader, the reader waits for them, and what is not acknowledged comes again. */
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { expect } from "vitest";
import { subjects } from "../../../streams/subjects.ts";
import type { Delivery, Handler, Inbox } from "../../../src/ports/server.ts";
import { gather, note, textOf } from "../../support/messages.ts";
import { type Holds, opened } from "./worlds.ts";

/** Takes what an agent is told, and acknowledges what `isTaken` says. */
const take =
  (inbox: Inbox, zone: string, agent: string, isTaken: (text: string) => boolean = () => true) =>
  (handle: Handler<Delivery>) =>
    inbox.take("agent", zone, agent, (delivery) =>
      (isTaken(textOf(delivery)) ? delivery.ack : Effect.void).pipe(Effect.andThen(handle(delivery))),
    );

export function inboxContract(holds: Holds): void {
  holds("waits for its durable, and finds what was said before", (place) =>
    Effect.gen(function* () {
      const { inbox, admin, log } = yield* opened(place);
      const { zone, run } = place;
      const subject = subjects.agentCommand(zone, "a1", run, "Do");
      const taken = yield* Effect.forkChild(gather(2, take(inbox, zone, "a1")));
      yield* log.append(subject, note("before"));
      yield* Effect.sleep("150 millis");
      yield* admin.durable("agent", zone, "a1");
      yield* log.append(subject, note("after"));
      expect((yield* Fiber.join(taken)).map(textOf)).toEqual(["before", "after"]);
    }),
  );

  holds("gives each agent its own", (place) =>
    Effect.gen(function* () {
      const { inbox, admin, log } = yield* opened(place);
      const { zone, run } = place;
      for (const agent of ["a1", "a2"]) yield* admin.durable("agent", zone, agent);
      for (const [agent, text] of [
        ["a1", "x"],
        ["a2", "y"],
        ["a1", "z"],
        ["a2", "end"],
      ] as const)
        yield* log.append(subjects.agentCommand(zone, agent, run, "Do"), note(text));
      expect((yield* gather(2, take(inbox, zone, "a1"))).map(textOf)).toEqual(["x", "z"]);
      expect((yield* gather(2, take(inbox, zone, "a2"))).map(textOf)).toEqual(["y", "end"]);
    }),
  );

  holds("gives again what was not acknowledged, ten seconds later", (place) =>
    Effect.gen(function* () {
      const { inbox, admin, log } = yield* opened(place);
      const { zone, run } = place;
      yield* admin.durable("agent", zone, "a1");
      const subject = subjects.agentCommand(zone, "a1", run, "Do");
      for (const text of ["kept", "dropped", "kept too"]) yield* log.append(subject, note(text));
      const before = yield* Clock.currentTimeMillis;
      const got = yield* gather(
        4,
        take(inbox, zone, "a1", (text) => text.startsWith("kept")),
      );
      const took = (yield* Clock.currentTimeMillis) - before;
      expect(got.map(textOf)).toEqual(["kept", "dropped", "kept too", "dropped"]);
      expect(got.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 2]);
      expect(took).toBeGreaterThan(9_000);
    }),
  );

  holds("goes on where its durable stands, for whoever takes next", (place) =>
    Effect.gen(function* () {
      const { inbox, admin, log } = yield* opened(place);
      const { zone, run } = place;
      yield* admin.durable("agent", zone, "a1");
      const subject = subjects.agentCommand(zone, "a1", run, "Do");
      yield* log.append(subject, note("1"));
      yield* gather(1, take(inbox, zone, "a1"));
      yield* admin.durable("agent", zone, "a1"); // creating it again changes nothing
      yield* log.append(subject, note("2"));
      const other = yield* place.connect;
      expect((yield* gather(1, take(other.inbox, zone, "a1"))).map(textOf)).toEqual(["2"]);
    }),
  );

  holds("serves root, a zone and its reports", (place) =>
    Effect.gen(function* () {
      const { inbox, admin, log } = yield* opened(place);
      const { zone, run } = place;
      const cases = [
        ["zone", subjects.zoneCommand(zone, run, "Do")],
        ["reports", subjects.agentReport(zone, "a1", "Hello")],
      ] as const;
      for (const [durable, subject] of cases) {
        yield* admin.durable(durable, zone, "");
        yield* log.append(subject, note(durable));
        const [got] = yield* gather<Delivery>(1, (handle) => inbox.take(durable, zone, "", handle));
        expect(got?.subject).toBe(subject);
      }
      yield* admin.durable("root", "", "");
      yield* log.append(subjects.rootCommand(run, "Do"), note(`root ${run}`));
      const [asked] = yield* gather<Delivery>(1, (handle) => inbox.take("root", "", "", handle));
      expect(asked?.subject).toBe(subjects.rootCommand(run, "Do"));
    }),
  );
}
