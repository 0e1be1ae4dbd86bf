/** Streams in memory, made again after the server that kept them was killed: a node's own, and those of the links below it. */
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { TestClock } from "effect/testing";
import { expect, it } from "vitest";
import type { Beat } from "../../../streams/messages/live.ts";
import { subjects } from "../../../streams/subjects.ts";
import { PROTOCOL } from "../../../streams/version.ts";
import { MemoryHub, memoryServer } from "../../../src/ports/memory-server.ts";
import type { AssetRef } from "../../../src/ports/server.ts";
import { HeardZones } from "../../../src/roles/heard-zones.ts";
import { keepWords, ownAndLinks } from "../../../src/roles/keep-words.ts";

const beatOf = (node: string): Beat => {
  const said = { session: "s", incarnation: 1, protocol: PROTOCOL, program: "mesh", host: "h", pid: 1 };
  return { type: "Beat", node, ...said, runs: [], agents: [] };
};

it("are those of every zone that was ever heard, also of one that is silent just now", async () => {
  const hub = new MemoryHub();
  const server = memoryServer(hub);
  let nowMs = 0;
  const zones = new HeardZones(() => nowMs);
  zones.hear(beatOf("lab"));
  nowMs = 60_000;
  zones.hear(beatOf("attic"));
  expect(zones.heard()).toEqual(["attic"]);
  const own = ownAndLinks(server, server.admin.provision("zone", "fra"), () => zones.known());
  const isThere = (where: AssetRef) =>
    server.admin.subjects(where, ">").pipe(
      Effect.as(true),
      Effect.orElseSucceed(() => false),
    );
  const places: readonly AssetRef[] = [
    { asset: "zoneLive", zone: "fra" },
    { asset: "linkLive", zone: "lab" },
    { asset: "linkLive", zone: "attic" },
  ];
  const found = await Effect.gen(function* () {
    const before = yield* Effect.forEach(places, isThere);
    const words = keepWords(server, { asset: "zoneLive", zone: "fra" }, subjects.zonePulse("fra"), own);
    const fiber = yield* Effect.forkChild(words);
    yield* TestClock.adjust("3 seconds");
    const after = yield* Effect.forEach(places, isThere);
    yield* Fiber.interrupt(fiber);
    return { before, after };
  }).pipe(Effect.provide(TestClock.layer()), Effect.runPromise);
  expect(found).toEqual({ before: [false, false, false], after: [true, true, true] });
});

it("counts the silence of a zone further down from its last word, as the zone between tells it", () => {
  let nowMs = 0;
  const zones = new HeardZones(() => nowMs);
  const { type: _, node: __, session: ___, ...said } = beatOf("cellar");
  const cellar = { zone: "cellar", parent: "lab", ...said, silentMs: 400 };
  nowMs = 5000;
  zones.hear({ ...beatOf("lab"), below: [cellar] });
  nowMs = 7000;
  zones.hear(beatOf("lab"));
  expect([zones.silentMs("lab"), zones.silentBelowMs("cellar")]).toEqual([0, 2400]);
  zones.excuse(1000);
  expect(zones.silentBelowMs("cellar")).toBe(1400);
  expect(zones.silentMs("cellar")).toBe(6000); // never a word of its own
  expect(zones.known()).toEqual(["lab"]);
});
