/** `mesh status` as text: what runs, who leads, since when nobody was heard. */
import { describe, expect, it } from "vitest";
import { type Status, statusText } from "../../../src/cli/status.ts";
import { zonesText } from "../../../src/cli/zones/list.ts";
import type { ZoneRow } from "../../../src/roles/door/mesh-zones.ts";
import type { MeshStatus } from "../../../src/roles/door/mesh-status.ts";

const NOW_MS = 1_790_000_000_000;
const before = (seconds: number): number => (NOW_MS - seconds * 1000) * 1000;

const zone = {
  zone: "eu",
  parent: null,
  incarnation: 2,
  protocol: 1,
  program: "mesh/1.0.0",
  host: "box",
  pid: 12,
  runs: [],
  agents: [{ agent: "eu-1", incarnation: 1, cores: 1, host: "box" }],
};
const row = (changes: Partial<ZoneRow>): ZoneRow => {
  const { agents, incarnation, pid, runs, ...facts } = zone;
  const words = { agents, incarnation, pid, runs, heardAt: before(6), delayMs: 2 };
  const undecided = { parent: null, drained: null, revoked: null };
  return {
    ...facts,
    ...undecided,
    words,
    state: "silent",
    isHeard: false,
    silentSince: before(6),
    ...changes,
  };
};
const mesh: MeshStatus = {
  root: { name: "root-a", epoch: 7, heardAt: before(0.4) },
  zones: [{ ...zone, heardAt: before(6), delayMs: 2 }],
  known: [row({})],
  runs: [],
};
const status = (changes: Partial<Status>): Status => ({
  home: "/h",
  keeper: null,
  url: "nats://hub:4222",
  mesh,
  ...changes,
});

describe("status text", () => {
  it("says that nothing runs, and what starts something", () => {
    const text = statusText(status({ url: null, mesh: null }), NOW_MS);
    expect(text).toBe(
      "nothing runs in /h; mesh run starts what it needs, mesh up starts servers that stay\n",
    );
  });

  it("says who leads, and who was not heard for a while", () => {
    expect(statusText(status({}), NOW_MS).split("\n")).toEqual([
      "server    nats://hub:4222",
      "root      root-a leads, epoch 7, heard now",
      "zone      eu: one agent, incarnation 2, pid 12 on box, last heard 6 s ago",
      "  agent   eu-1: one core on box",
      "runs      none is open",
      "",
    ]);
  });

  it("does not ask a clock that is off: words at a hub are never older than seconds", () => {
    const lines = statusText(status({}), NOW_MS + 3_600_000).split("\n");
    expect(lines[1]).toBe("root      root-a leads, epoch 7, heard now");
    expect(lines[2]).toContain("last heard 6 s ago");
    expect(statusText(status({}), NOW_MS - 3_600_000)).toBe(lines.join("\n"));
  });

  it("tells drained zones, and those of a shared mesh that fell silent within a day", () => {
    const drained = { actor: "ana@laptop", reason: null, at: before(60) };
    const quiet = { words: null, silentSince: before(3600) };
    const known = [
      row({ drained }),
      row({ zone: "us", ...quiet }),
      row({ zone: "old", ...quiet, silentSince: 1 }),
    ];
    const lines = statusText(status({ mesh: { ...mesh, known } }), NOW_MS).split("\n");
    expect(lines.filter((line) => line.startsWith("zone"))).toEqual([
      "zone      eu: one agent, incarnation 2, pid 12 on box, last heard 6 s ago, drained: it gets no new runs",
      expect.stringMatching(/^zone {6}us: silent since \d{4}-\d\d-\d\d [\d:]{8}$/),
    ]);
  });

  it("says that nobody leads", () => {
    const text = statusText(status({ mesh: { ...mesh, root: null, zones: [], known: [] } }), NOW_MS);
    expect(text).toContain("root      none leads; start one: mesh root\nzones     none is up\n");
  });

  it("tells servers that start from servers that run", () => {
    const keeper = { pid: 3, home: "/h", pinned: false, leases: 1, servers: [], nkeyFile: "/h/k" };
    expect(statusText(status({ keeper, url: null, mesh: null }), NOW_MS)).toBe(
      "keeper    pid 3, one command uses it, state in /h\nserver    starting\n",
    );
  });
});

describe("the list of zones", () => {
  it("counts the agents below a zone, however deep, beside its own", () => {
    const { agents, incarnation, pid, runs } = zone;
    const words = { agents: [], incarnation, pid, runs, heardAt: before(0), delayMs: 2 };
    const rows = [
      row({ zone: "ap", words }),
      row({ zone: "lab", parent: "ap", words: { ...words, agents } }),
      row({ zone: "rack", parent: "lab", words: { ...words, agents } }),
    ];
    const counts = zonesText(rows, NOW_MS * 1000)
      .split("\n")
      .map((line) => /\d+( \+ \d+ below)?(?= +\d+ +mesh)/.exec(line)?.[0]);
    expect(counts.slice(1, 4)).toEqual(["0 + 2 below", "1 + 1 below", "1"]);
  });
});
