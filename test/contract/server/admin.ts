/** What the owner of an asset does, and the server's clock. */
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import { expect } from "vitest";
import { patterns, subjects } from "../../../streams/subjects.ts";
import { note, reasonOf, textOf } from "../../support/messages.ts";
import { type Holds, opened } from "./worlds.ts";

export function adminContract(holds: Holds): void {
  holds("provisions as often as it is asked, and loses nothing", (place) =>
    Effect.gen(function* () {
      const { admin, log, objects } = yield* opened(place);
      const { zone } = place;
      yield* log.append(subjects.zoneEvent(zone, "A"), note("kept"));
      yield* objects.put({ asset: "zoneObjects", zone }, "kept", new Uint8Array([1]));
      const other = yield* place.connect;
      const scopes = ["hub", "link", "zone"] as const;
      yield* Effect.forEach(
        [admin, other.admin, admin],
        (each) => Effect.forEach(scopes, (scope) => each.provision(scope, scope === "hub" ? "" : zone)),
        { concurrency: "unbounded" },
      );
      const found = yield* log.read({ asset: "zoneEvents", zone }, [patterns.zoneEvents(zone)]);
      expect(found.map(textOf)).toEqual(["kept"]);
      expect(yield* objects.get({ asset: "zoneObjects", zone }, "kept")).toHaveLength(1);
    }),
  );

  holds("needs the stream before the durable", (place) =>
    Effect.gen(function* () {
      const { admin } = yield* place.connect;
      const zone = `${place.zone}-none`;
      expect(yield* reasonOf(admin.durable("agent", zone, "a1"))).toBe("not-provisioned");
    }),
  );

  holds("lists the subjects that hold a message, and purges by subject", (place) =>
    Effect.gen(function* () {
      const { admin, log } = yield* opened(place);
      const { zone, run } = place;
      const where = { asset: "runEvents", zone: "" } as const;
      const [a, b, other] = [
        subjects.runEvent(run, "A"),
        subjects.runEvent(run, "B"),
        subjects.runEvent(`${run}-other`, "A"),
      ];
      for (const [i, subject] of [a, a, b, other].entries()) yield* log.append(subject, note(`${zone} ${i}`));
      const held = admin.subjects(where, subjects.runLog(run)).pipe(Effect.map((found) => [...found].sort()));
      expect(yield* held).toEqual([a, b]);
      expect(yield* admin.subjects(where, patterns.runEventsOf("B"))).toContain(b);
      expect(yield* admin.subjects(where, patterns.runEventsOf("B"))).not.toContain(a);
      yield* admin.purge(where, a);
      expect(yield* held).toEqual([b]);
      yield* admin.purge(where, subjects.runLog(run));
      expect(yield* held).toEqual([]);
      expect(yield* log.last(where, subjects.runLog(`${run}-other`))).toBeDefined();
    }),
  );

  holds("measures the clock by which messages are stored, within the error it states", (place) =>
    Effect.gen(function* () {
      const server = yield* opened(place);
      const { zone } = place;
      const clock = yield* server.clock(subjects.zonePulse(zone));
      const before = clock.now();
      yield* server.log.append(subjects.zoneEvent(zone, "A"), note("now"));
      const after = clock.now();
      const stored = yield* server.log.last({ asset: "zoneEvents", zone }, patterns.zoneEvents(zone));
      const at = stored?.at ?? 0;
      expect(at).toBeGreaterThanOrEqual(before - clock.errorUs - 1);
      expect(at).toBeLessThanOrEqual(after + clock.errorUs + 1);
      expect(clock.errorUs).toBeLessThan(1_000_000);
    }),
  );

  holds("puts a server instant on the monotonic clock", (place) =>
    Effect.gen(function* () {
      const server = yield* opened(place);
      const clock = yield* server.clock(subjects.zonePulse(place.zone));
      const early = yield* Clock.monotonicTimeNanos;
      const instant = clock.now();
      const late = yield* Clock.monotonicTimeNanos;
      const monotonic = clock.monotonicNs(instant);
      expect(monotonic >= early - 1000n && monotonic <= late).toBe(true);
      expect(clock.monotonicNs(instant + 5) - monotonic).toBe(5000n);
    }),
  );

  holds("has no clock where nothing keeps the subject", (place) =>
    Effect.gen(function* () {
      const server = yield* place.connect;
      const measured = server.clock(subjects.zonePulse(`${place.zone}-none`));
      expect(yield* reasonOf(measured)).toBe("not-provisioned");
    }),
  );
}
