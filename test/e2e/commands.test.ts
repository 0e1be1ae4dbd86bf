/** The commands beside `mesh run`: servers that stay, who is there, the log of a run, its replay, its end, its removal. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SummaryDocument } from "../../src/domain/summary/document.ts";
import { type CountingTarget, startCountingTarget } from "../support/counting-target.ts";
import { type PrivateNats, startNats } from "../support/nats.ts";
import { createMeshHome, type MeshHome } from "../support/run-mesh.ts";
import { createScriptFolder, script } from "../support/scripts.ts";
import { edited, readRun, type RunCopy, storeRun, swapped, without } from "./copied-store.ts";
import { expectNothingLeft } from "./documents.ts";

interface Row {
  readonly run: string;
  readonly state: string;
  readonly outcome: string | null;
}

interface Logged {
  readonly sequence: number;
  readonly envelope: { readonly type: string; readonly id: string };
  readonly body: { readonly type: string };
}

interface Report {
  readonly ok: boolean;
  readonly differences: readonly { readonly message: string; readonly type?: string }[];
  readonly summary: SummaryDocument | null;
}

let target: CountingTarget;
/** One home with servers that stay, for all tests that share runs. */
let home: MeshHome;
/** The run of `plain`, and what it printed. */
let printed: string;
let plain: string;
/** The run of `whole-life`, whose script prints its own summary. */
let whole: string;

const text = async (...args: string[]): Promise<string> => {
  const { code, stderr, stdout } = await home.run(args);
  expect(code, stderr).toBe(0);
  return stdout;
};
const json = async <A>(...args: string[]): Promise<A> => JSON.parse(await text(...args, "--json")) as A;
const rows = () => json<readonly Row[]>("runs");

beforeAll(async () => {
  target = await startCountingTarget();
  home = createMeshHome();
  await text("up");
  const env = ["--env", `TARGET_URL=${target.url}`];
  // Its log ends with the verdict, which some of the tests below take away.
  const plainArgs = ["run", script("plain"), "--iterations", "20", "--no-history", ...env];
  const { code, stdout } = await home.run(plainArgs);
  expect(code).toBe(0);
  // All but the commands that are named below the summary.
  [printed = ""] = stdout.split("\n    mesh events ");
  using files = createScriptFolder();
  const args = ["run", script("whole-life"), "--zones", "a,b", "--agents", "2", ...env];
  expect((await home.run(args, { cwd: files.folder })).code).toBe(0);
  [whole = "", plain = ""] = (await rows()).map(({ run }) => run);
});

afterAll(async () => {
  await home.run(["down"]);
  await Promise.all([home.dispose(), target.stop()]);
});

describe("a state directory where nothing ever ran", () => {
  it("is no error for whoever only looks, and holds nothing afterwards", async () => {
    await using fresh = createMeshHome();
    const status = await fresh.run(["status"]);
    expect([status.code, status.stdout]).toEqual([0, expect.stringContaining("nothing runs in ")]);
    expect(fresh.processes()).toEqual([]);
    const down = await fresh.run(["down"]);
    expect([down.code, down.stdout]).toEqual([0, `nothing runs in ${fresh.folder}\n`]);
    const runs = await fresh.run(["runs"]);
    expect([runs.code, runs.stdout]).toEqual([0, "no runs yet\n"]);
    const events = await fresh.run(["events", "last"]);
    expect([events.code, events.stderr]).toEqual([
      2,
      expect.stringMatching(/^mesh: there are no runs yet\n/),
    ]);
    await expectNothingLeft(fresh);
  });
});

describe("mesh up and mesh status", () => {
  it("say where the servers are, and how roles and commands use them", async () => {
    const up = await json<{ url: string; credsFile: string; already: boolean }>("up");
    expect(up).toMatchObject({ already: true, url: expect.stringMatching(/^nats:\/\/127\.0\.0\.1:\d+$/) });
    expect(await text("up")).toContain(`--nats ${up.url} --creds ${up.credsFile}`);
    const { keeper, mesh } = await json<{ keeper: { pinned: boolean }; mesh: { root: null; runs: [] } }>(
      "status",
    );
    expect([keeper.pinned, mesh.root, mesh.runs]).toEqual([true, null, []]);
    // Whoever names that server gets the same runs, without the keeper.
    const named = await home.run(["runs", "--json"], {
      env: { MESH_NATS_URL: up.url, MESH_CREDS: up.credsFile },
    });
    expect((JSON.parse(named.stdout) as Row[]).map(({ run }) => run)).toEqual([whole, plain]);
  });
});

describe("mesh runs and mesh events", () => {
  it("list what ran, newest first, and take the beginning of a name", async () => {
    expect(await rows()).toMatchObject([
      {
        run: whole,
        script: "whole-life.ts",
        state: "ended",
        outcome: "passed",
        exitCode: 0,
        iterations: 200,
      },
      { run: plain, script: "plain.ts", state: "ended", outcome: "passed", exitCode: 0, iterations: 20 },
    ]);
    expect(await text("runs")).toMatch(new RegExp(`^RUN .*\n${whole} +ended +passed +0 .*\n${plain} `));
    const [{ envelope: first } = { envelope: undefined }] = await logged(plain.slice(0, -2));
    expect(first?.id).toBe(`${plain}.0.1`);
    const [byLast] = await logged("last");
    expect(byLast?.envelope.id).toMatch(new RegExp(`^${whole}\\.0\\.`));
    const several = await home.run(["events", plain.slice(0, 2)]);
    expect([several.code, several.stderr]).toEqual([
      2,
      expect.stringContaining("is the beginning of 2 runs: "),
    ]);
    const none = await home.run(["events", "nosuchrun", "--json"]);
    expect(none.code).toBe(2);
    expect(JSON.parse(none.stdout)).toMatchObject({ error: { code: "RunNotFound", exit: 2 } });
  });

  it("show every event in its order, and the intervals beside them", async () => {
    const events = await logged(plain);
    expect(events.map(({ body }) => body.type)).toEqual(events.map(({ envelope }) => envelope.type));
    expect(events.map(({ sequence }) => sequence)).toEqual(
      events.map(({ sequence }) => sequence).toSorted((a, b) => a - b),
    );
    expect([events.at(0), events.at(-1)].map((event) => event?.body.type)).toEqual([
      "RunPlanned",
      "VerdictGiven",
    ]);
    const lines = (await text("events", plain, "--intervals")).trimEnd().split("\n");
    const intervals = lines.filter((line) => line.includes("  Interval  "));
    expect(lines.length - intervals.length).toBe(events.length);
    expect(intervals[0]).toMatch(/number 0, window 0, adds \S+\.1 0, \d of \d workers/);
    expect(lines.at(-1)).toMatch(/VerdictGiven +passed, exit 0: /);
    // Of a run that is over, following is reading.
    expect(await text("events", plain, "--follow", "--json")).toBe(await text("events", plain, "--json"));
  });
});

/** A run's log, from NDJSON. */
async function logged(run: string): Promise<readonly Logged[]> {
  const lines = (await text("events", run, "--json")).trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as Logged);
}

describe("mesh replay", () => {
  it("prints the summary that the run printed, byte for byte, from the streams alone", async () => {
    const { code, stderr, stdout } = await home.run(["replay", plain]);
    expect(code, stderr).toBe(0);
    expect(stdout).toBe(printed);
    expect(stderr).toMatch(/^replayed \S+ from \d+ events and \d+ intervals?: nothing differs\n$/);
    expect(await text("replay", whole)).toBe("handleSummary was here\n");
    expect(await json<Report>("replay", whole)).toMatchObject({
      ok: true,
      differences: [],
      summary: { run: whole, outcome: "passed", ledger: { total: { planned: 200, completed: 200 } } },
    });
  });

  describe("of a copied store", () => {
    let nats: PrivateNats;
    let copy: RunCopy;
    beforeAll(async () => {
      const { credsFile, url } = await json<{ url: string; credsFile: string }>("up");
      [nats, copy] = await Promise.all([startNats(), readRun({ url, credsFile }, plain)]);
    });
    afterAll(() => nats.stop());

    const replay = async (stored: RunCopy, ...flags: string[]) => {
      await storeRun(nats, stored);
      return home.run(["replay", "last", "--nats", nats.url, ...flags]);
    };

    it("finds nothing in a faithful one", async () => {
      const { code, stderr, stdout } = await replay(copy);
      expect([code, stdout], stderr).toEqual([0, printed]);
    });

    it.each([
      ["dropped", "ZoneReady", (events: RunCopy["events"]) => without(events, "ZoneReady"), "RunReady"],
      [
        "edited",
        "RunPlanned",
        (events: RunCopy["events"]) =>
          edited(events, "RunPlanned", (body) => body.replace("plain.ts", "other.ts")),
        "RunPlanned",
      ],
      ["swapped", "RunReady", (events: RunCopy["events"]) => swapped(events, "RunReady"), "RunStarted"],
      ["dropped, the first:", "RunPlanned", (events: RunCopy["events"]) => events.slice(1), "RunAssigned"],
      [
        "dropped, the last:",
        "VerdictGiven",
        (events: RunCopy["events"]) => events.slice(0, -1),
        "VerdictGiven",
      ],
    ])("says where a log is not whole: %s %s", async (_, __, spoil, where) => {
      const { code, stdout } = await replay({ ...copy, events: spoil(copy.events) }, "--json");
      const { differences, ok } = JSON.parse(stdout) as Report;
      expect([code, ok]).toEqual([97, false]);
      expect(differences[0]).toMatchObject({ type: where });
    });

    it("prints the same summary without the summary's event, and says that it is missing", async () => {
      const { code, stderr, stdout } = await replay({
        ...copy,
        events: without(copy.events, "SummaryRecorded"),
      });
      expect([code, stdout]).toEqual([97, printed]);
      expect(stderr).toMatch(/first: run log, sequence \d+, VerdictGiven \(id \S+\): an event before/);
      expect(stderr).toContain("SummaryRecorded is missing");
    });

    it("names the interval that is missing", async () => {
      const { code, stderr } = await replay({ ...copy, intervals: copy.intervals.slice(1) });
      expect([code, stderr]).toEqual([97, expect.stringMatching(/first: interval log\b/)]);
    });
  });
});

describe("mesh abort", () => {
  it("stops an open run with its reason, which is not removed before, and followers see the end", async () => {
    const run = home.start(["run", script("steady"), "--env", `TARGET_URL=${target.url}`]);
    const [, name = ""] = await run.stderr.line(/^run (\S+):/, 20_000);
    const follower = home.start(["events", name, "--follow"]);
    await follower.stdout.line(/RunStarted/, 20_000);
    const { mesh } = await json<{
      mesh: { root: { name: string }; zones: readonly object[]; runs: readonly Row[] };
    }>("status");
    expect(mesh.runs).toMatchObject([{ run: name, state: "running", outcome: null }]);
    expect(mesh.root.name).toMatch(/^root-/);
    // Zones of the runs before may still be listed: their last words are kept for ten seconds.
    expect(mesh.zones).toContainEqual(
      expect.objectContaining({
        zone: "local",
        runs: [name],
        agents: [expect.objectContaining({ agent: "local-1" })],
      }),
    );
    expect(await text("status")).toMatch(new RegExp(`run +${name} running: steady\\.ts`));
    const early = await home.run(["runs", "rm", name]);
    expect([early.code, early.stderr]).toEqual([
      2,
      expect.stringContaining(`still open, and not removed: ${name}`),
    ]);

    const { code, stderr, stdout } = await home.run(["abort", name, "--reason", "the lights went out"]);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain(`run ${name} is stopping: the lights went out`);
    expect(stdout).toBe(`run ${name} ended: aborted (exit 105)\n`);
    expect((await run.exit(10_000)).code).toBe(105);
    const followed = await follower.exit(5_000);
    expect(followed.code).toBe(0);
    expect(followed.stdout).toMatch(/RunStopping +person: the lights went out \(\S+\)\n/);
    expect(followed.stdout).toMatch(/VerdictGiven +aborted, exit 105: the lights went out \(\S+\)\n$/);

    const again = await home.run(["abort", name, "--reason", "twice"]);
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining("is over: aborted, exit 105")]);
    const unreasoned = await home.run(["abort", name]);
    expect([unreasoned.code, unreasoned.stderr]).toEqual([2, expect.stringContaining("reason")]);
    expect(await json<Report>("replay", name)).toMatchObject({ ok: true, summary: { outcome: "aborted" } });
  });
});

describe("mesh runs rm", () => {
  it("removes what it is told, all or nothing, with no root up", async () => {
    const before = (await rows()).map(({ run }) => run);
    const wrong = await home.run(["runs", "rm", plain, "nosuchrun"]);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("there is no run nosuchrun")]);
    expect((await rows()).map(({ run }) => run)).toEqual(before);
    expect(await json("runs", "rm", plain, whole)).toEqual({ removed: [plain, whole] });
    expect((await rows()).map(({ run }) => run)).toEqual(
      before.filter((run) => run !== plain && run !== whole),
    );
    const { code } = await home.run(["replay", plain]);
    expect(code).toBe(2);
  });
});

describe("mesh down", () => {
  it("ends the servers and keeps what they stored", async () => {
    const before = await rows();
    expect(await text("down")).toBe(`the servers in ${home.folder} are down\n`);
    await expectNothingLeft(home);
    expect(await rows()).toEqual(before);
    await expectNothingLeft(home);
  });
});
