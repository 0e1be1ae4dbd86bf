/** The live view of `mesh run` on real terminals: one panel that is redrawn in place, notes above it, and terminals that go. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CountingTarget, startCountingTarget } from "../support/counting-target.ts";
import { createMeshHome, type MeshHome } from "../support/run-mesh.ts";
import { script } from "../support/scripts.ts";
import { hasTmux, startTerminal, type TestTerminal } from "../support/terminal.ts";
import { startSeparateMesh } from "./separate-mesh.ts";

let target: CountingTarget;
beforeAll(async () => {
  target = await startCountingTarget();
});
afterAll(() => target.stop());

const door = join(import.meta.dirname, "../../bin/mesh");

interface Given {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** What starts the command line; it is given the command as its arguments. */
  readonly through?: readonly string[];
}

/** `mesh …` in a terminal. */
const inTerminal = (home: MeshHome, args: readonly string[], given: Given = {}): TestTerminal =>
  startTerminal([...(given.through ?? []), door, ...args], {
    columns: given.columns ?? 80,
    rows: given.rows ?? 24,
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      TERM: "screen-256color",
      LANG: "C.UTF-8",
      MESH_HOME: home.folder,
      MESH_CACHE: process.env["MESH_CACHE"],
      NATS_SERVER_BIN: process.env["NATS_SERVER_BIN"],
      ...given.env,
    },
  });

const run = (name: string, ...env: readonly string[]): readonly string[] => [
  "run",
  script(name),
  "--no-history",
  ...[`TARGET_URL=${target.url}`, ...env].flatMap((each) => ["--env", each]),
];

const count = (lines: readonly string[], pattern: RegExp) =>
  lines.filter((line) => pattern.test(line)).length;
const BAR = /[━─]{5}.* \d+%$/;
const showsLoad = (screen: readonly string[]): boolean =>
  screen.some((line) => /^ p95 .*\d(ms|µs|s)/.test(line));
/** Of a panel there is never more than one of any line of it. */
const isOnePanel = (screen: readonly string[]): boolean =>
  [BAR, /each second$/, /^ target /, /^ p50 /, /^ agents /].every((row) => count(screen, row) <= 1);

/** Every screen until the run is over, looked at as often as it is drawn. */
async function screensOf(terminal: TestTerminal): Promise<readonly (readonly string[])[]> {
  const screens: (readonly string[])[] = [];
  await terminal.until("a verdict", (screen) => {
    screens.push(screen);
    return screen.some((line) => /\(exit \d+\) after/.test(line));
  });
  return screens;
}

describe.skipIf(!hasTmux)("the live view on a terminal", () => {
  it("is one panel, redrawn in place with notes above it, and gives way to the summary", async () => {
    await using home = createMeshHome();
    using terminal = inTerminal(home, run("chatty", "SECONDS=5"));
    await terminal.until("figures", showsLoad);
    const screens = await screensOf(terminal);
    const torn = screens.find((screen) => !isOnePanel(screen));
    expect(torn?.join("\n")).toBeUndefined();
    const drawn = screens.filter((screen) => count(screen, BAR) === 1);
    expect(new Set(drawn.map((screen) => screen.find((line) => BAR.test(line)))).size).toBeGreaterThan(2);
    const last = drawn.at(-1) ?? [];
    expect(last.findLastIndex((line) => line.includes("said"))).toBeLessThan(
      last.findIndex((line) => BAR.test(line)),
    );
    expect(last.join("\n")).toMatch(/^ ✓ http_req_failed .* rate<0\.01 .* 0% /m);
    expect(last.join("\n")).toMatch(/^ ✗ http_req_duration .* p\(95\)<1 /m);
    expect(await terminal.exit()).toBe(99);
    const history = terminal.history();
    expect(count(history, /each second$|━/)).toBe(0);
    const said = history.filter((line) => line.includes("said "));
    expect(said.length).toBeGreaterThan(5);
    expect(new Set(said).size).toBe(said.length);
    expect(history.join("\n")).toMatch(/█ THRESHOLDS[^]*█ TOTAL RESULTS[^]*exit 99/);
  });

  it("wraps no line at 80 and at 20 columns, and follows a change of size", async () => {
    await using home = createMeshHome();
    using terminal = inTerminal(home, run("chatty", "SECONDS=20", "QUIET=1"), { env: { NO_COLOR: "1" } });
    const sizes = [
      [80, 24],
      [20, 10],
      [40, 15],
      [20, 7],
      [100, 30],
    ] as const;
    for (const [columns, rows] of sizes) {
      terminal.resize(columns, rows);
      const bar = new RegExp(`^ [━─]{${Math.min(5, columns - 9)},} +\\d+%$`);
      const isDrawn = (screen: readonly string[]) =>
        showsLoad(screen) &&
        screen.some((line) => bar.test(line) && line.length === Math.min(columns - 1, 100));
      await terminal.until(`a panel of ${columns} columns`, isDrawn);
      expect(terminal.screen().filter((line) => line.length >= columns)).toEqual([]);
      expect(isOnePanel(terminal.screen()), terminal.screen().join("\n")).toBe(true);
      expect(terminal.coloured()).not.toContain("\u001B[");
    }
    terminal.press("C-c");
    expect(await terminal.exit()).toBe(105);
  });

  it("has colours where nothing speaks against them", async () => {
    await using home = createMeshHome();
    using terminal = inTerminal(home, run("chatty", "SECONDS=2", "QUIET=1"));
    await terminal.until("figures", showsLoad);
    expect(terminal.coloured()).toContain("\u001B[32m");
    expect(await terminal.exit()).toBe(99);
  });

  it("is plain lines on a dumb terminal", async () => {
    await using home = createMeshHome();
    using terminal = inTerminal(home, run("chatty", "SECONDS=2", "QUIET=1"), {
      columns: 160,
      env: { TERM: "dumb" },
    });
    await terminal.exit();
    const lines = terminal.history().filter((line) => /^\ds\/2s/.test(line));
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) {
      expect(line).toMatch(
        /^\ds\/2s {2}iterations=\d+ {2}requests=\d+ {2}failed=0% {2}rps=[\d.]+ {2}p50=\S+ {2}p95=\S+ {2}p99=\S+ {2}dropped=\d+ {2}vus=\d+$/,
      );
    }
    expect(count(terminal.history(), /━|each second/)).toBe(0);
  });

  it("gives the cursor back when a second Ctrl-C ends it at once", async () => {
    await using home = createMeshHome();
    using terminal = inTerminal(home, run("slow"));
    await terminal.until("figures", showsLoad);
    expect(terminal.hasCursor()).toBe(false);
    terminal.press("C-c");
    await terminal.until("that it stops", (screen) =>
      screen.some((line) => line.startsWith("SIGINT: stopping")),
    );
    // One key press may come twice within a moment, so that counts as one: it is pressed until it is taken.
    const pressing = setInterval(() => terminal.press("C-c"), 300);
    expect(await terminal.exit().finally(() => clearInterval(pressing))).toBe(130);
    expect(terminal.hasCursor()).toBe(true);
    expect(count(terminal.screen(), BAR), "the last panel stays").toBe(1);
  });
});

describe.skipIf(!hasTmux)("a terminal that goes away in mid-run", () => {
  for (const [how, before] of [
    ["a signal", []],
    ["failing writes alone", ["setsid", "-w"]],
  ] as const) {
    it(`stops a run on servers of its own in order, told by ${how}`, async () => {
      await using target = await startCountingTarget();
      await using home = createMeshHome();
      const args = ["run", script("steady"), "--no-history", "--env", `TARGET_URL=${target.url}`];
      using terminal = inTerminal(home, args, { through: before });
      await terminal.until("figures", showsLoad);
      terminal.close();
      expect(await terminal.exit(40_000)).toBe(105);
      const { paths } = await target.stats();
      expect(paths).toMatchObject({ "/setup": 1, "/teardown": 1 });
    });
  }

  it("leaves a run on another mesh alone: the door goes, the run passes", async () => {
    await using mesh = await startSeparateMesh({ a: ["a1"] });
    await using target = await startCountingTarget();
    const env = ["--env", `TARGET_URL=${target.url}`, "--env", "SECONDS=6"];
    const args = ["run", script("steady"), ...mesh.where, "--zones", "a", ...env];
    using terminal = inTerminal(mesh.home, args);
    await terminal.until("figures", showsLoad);
    terminal.close();
    expect(await terminal.exit(10_000)).toBe(129);
    const events = mesh.home.start(["events", "last", "--follow", ...mesh.where]);
    await events.stdout.line(/VerdictGiven.*passed/, 40_000);
    events.signal("SIGTERM");
    const { paths } = await target.stats();
    expect(paths).toMatchObject({ "/setup": 1, "/teardown": 1 });
  });
});
