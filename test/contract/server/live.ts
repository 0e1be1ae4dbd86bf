/** Last words: heard by whoever listens, kept for seconds. */
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { expect } from "vitest";
import { patterns, subjects } from "../../../streams/subjects.ts";
import type { Handler } from "../../../src/ports/server.ts";
import { gather, note, textOf } from "../../support/messages.ts";
import { type Holds, opened } from "./worlds.ts";

interface Heard {
  readonly subject: string;
  readonly data: Uint8Array;
}

/** Says something again and again until the listeners have heard enough: when they begin to hear is not known. */
const until = <A, E>(listening: Fiber.Fiber<A, E>, say: Effect.Effect<unknown, Error>) =>
  Effect.raceFirst(
    Fiber.join(listening),
    say.pipe(Effect.andThen(Effect.sleep("20 millis")), Effect.forever),
  );

export function liveContract(holds: Holds): void {
  holds("lets everybody hear what is told, by its subject", (place) =>
    Effect.gen(function* () {
      const [teller, one, other] = [yield* opened(place), yield* place.connect, yield* place.connect];
      const { zone } = place;
      const hear = (live: typeof one.live, pattern: string) => (handle: Handler<Heard>) =>
        live.hear(pattern, handle);
      const listening = yield* Effect.forkChild(
        Effect.all(
          [
            gather(2, hear(one.live, patterns.agentBeats(zone))),
            gather(1, hear(other.live, subjects.agentBeat(zone, "a2"))),
          ],
          { concurrency: 2 },
        ),
      );
      const tell = (agent: string) => teller.live.tell(subjects.agentBeat(zone, agent), note(agent, ""));
      const [both, second] = yield* until(listening, tell("a1").pipe(Effect.andThen(tell("a2"))));
      for (const { subject, data } of [...both, ...second])
        expect(subject).toBe(subjects.agentBeat(zone, textOf({ data })));
      expect(second.map(textOf)).toEqual(["a2"]);
    }),
  );

  holds("lets what is appended be heard as well", (place) =>
    Effect.gen(function* () {
      const [{ log }, listener] = [yield* opened(place), yield* place.connect];
      const { zone, run } = place;
      const subject = subjects.syncRelease(zone, run, "ready");
      const listening = yield* Effect.forkChild(
        gather<Heard>(1, (handle) => listener.live.hear(subject, handle)),
      );
      const [heard] = yield* until(listening, log.append(subject, note("open")));
      expect(heard).toMatchObject({ subject, envelope: note("open").envelope });
    }),
  );

  holds("keeps the last word on each subject, for ten seconds", (place) =>
    Effect.gen(function* () {
      const { log, live, admin } = yield* opened(place);
      const { zone } = place;
      const where = { asset: "zoneLive", zone } as const;
      const pattern = patterns.agentBeats(zone);
      const last = log.last(where, subjects.agentBeat(zone, "a1"));
      for (const text of ["1", "2", "3"]) yield* live.tell(subjects.agentBeat(zone, "a1"), note(text, ""));
      yield* live.tell(subjects.agentBeat(zone, "a2"), note("4", ""));
      yield* log
        .last(where, pattern)
        .pipe(
          Effect.delay("5 millis"),
          Effect.repeat({ until: (found) => found !== undefined && textOf(found) === "4" }),
        );
      expect((yield* log.read(where, [pattern])).map(textOf)).toEqual(["3", "4"]);
      expect(yield* admin.subjects(where, pattern)).toHaveLength(2);
      yield* Effect.sleep("9 seconds");
      expect(yield* last).toBeDefined();
      yield* last.pipe(Effect.delay("50 millis"), Effect.repeat({ until: (found) => found === undefined }));
      expect(yield* log.read(where, [pattern])).toEqual([]);
    }),
  );

  holds("reads every last word once, also while they are said anew", (place) =>
    Effect.gen(function* () {
      const { log, live } = yield* opened(place);
      const { zone } = place;
      const where = { asset: "zoneLive", zone } as const;
      const agents = ["a1", "a2", "a3"];
      const beats = agents.map((agent) => subjects.agentBeat(zone, agent));
      const say = Effect.forEach(beats, (beat) => live.tell(beat, note("here", "")), { discard: true });
      const read = log.read(where, [patterns.agentBeats(zone)]);
      yield* say;
      yield* read.pipe(
        Effect.delay("5 millis"),
        Effect.repeat({ until: (found) => found.length === beats.length }),
      );
      for (let n = 0; n < 50; n += 1) {
        const [found] = yield* Effect.all([read, Effect.replicateEffect(say, 20)], { concurrency: 2 });
        expect(found.map(({ subject }) => subject).toSorted()).toEqual(beats);
      }
    }),
  );

  holds("reads more last words than fit into one answer", (place) =>
    Effect.gen(function* () {
      const { log, live } = yield* opened(place);
      const { zone } = place;
      const beats = Array.from({ length: 1100 }, (_, n) => subjects.agentBeat(zone, `a${n}`));
      yield* Effect.forEach(beats, (beat) => live.tell(beat, note("here", "")), {
        discard: true,
        concurrency: "unbounded",
      });
      const read = log.read({ asset: "zoneLive", zone }, [patterns.agentBeats(zone)]);
      const found = yield* read.pipe(
        Effect.delay("50 millis"),
        Effect.repeat({ until: (words) => words.length === beats.length }),
      );
      expect(new Set(found.map(({ subject }) => subject)).size).toBe(beats.length);
    }),
  );
}
