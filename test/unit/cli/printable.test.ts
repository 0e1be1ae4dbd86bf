/** What a zone, an agent, a server or a script chose reaches a terminal as text, wherever it is shown. */
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { fail } from "../../../src/cli/doctor/finding.ts";
import { doctorText } from "../../../src/cli/doctor/render.ts";
import { eventLine } from "../../../src/cli/live/event-line.ts";
import { openLiveView } from "../../../src/cli/live/live-view.ts";
import type { Stream } from "../../../src/cli/live/terminal.ts";
import { annotations } from "../../../src/cli/report/github.ts";
import { jobSummary } from "../../../src/cli/report/github-summary.ts";
import { junitText } from "../../../src/cli/report/junit.ts";
import { agentText } from "../../../src/cli/report/agent.ts";
import { problemsFailure } from "../../../src/cli/run/problems-failure.ts";
import { logLine } from "../../../src/cli/runs/event-text.ts";
import { runsText } from "../../../src/cli/runs/list.ts";
import { SqlTable } from "../../../src/cli/sql/table.ts";
import { statusText } from "../../../src/cli/status.ts";
import { failureText } from "../../../src/cli/tell-failure.ts";
import { LogTeller } from "../../../src/cli/trust/log-teller.ts";
import { approvedText } from "../../../src/cli/zone/approve.ts";
import { zonesText } from "../../../src/cli/zones/list.ts";
import { meshEventText } from "../../../src/cli/zones/mesh-event-text.ts";
import { zoneText } from "../../../src/cli/zones/show.ts";
import { printable, printableColours, printableJson, printableLines } from "../../../src/domain/printable.ts";
import { renderSummary } from "../../../src/domain/summary/render.ts";
import type { RunRow } from "../../../src/roles/door/list-runs.ts";
import type { ZoneRow } from "../../../src/roles/door/mesh-zones.ts";
import { documentOf } from "../summary/fixture.ts";

/** Erases the screen twice over (ESC, and CSI in one character), hides in a right-to-left run, and forges a line. */
const HOSTILE = "evil\u001b[2J\u009b2J\u202e\u2028\nforged";
const TEXT = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u;

/** Every line is text, and none is one that the hostile text has made. */
function expectText(shown: string): void {
  expect(shown).toMatch(/forged/);
  for (const line of shown.split("\n")) {
    expect(line).toMatch(TEXT);
    expect(line).not.toMatch(/^forged/);
  }
}

const zone: ZoneRow = {
  zone: "eu",
  parent: null,
  state: "up",
  isHeard: true,
  silentSince: null,
  drained: { actor: HOSTILE, reason: HOSTILE, at: 1 },
  revoked: null,
  program: HOSTILE,
  protocol: 1,
  host: HOSTILE,
  words: {
    incarnation: 1,
    pid: 7,
    runs: [],
    agents: [{ agent: "eu-1", incarnation: 1, cores: 1, host: HOSTILE }],
    heardAt: 1,
    delayMs: 1,
  },
};

const run: RunRow = {
  run: "mhzk-1",
  actor: HOSTILE,
  state: "ended",
  outcome: "passed",
  exitCode: 0,
  startedAt: 1,
  durationMs: 1,
  iterations: 1,
  script: HOSTILE,
  labels: { a: HOSTILE },
  notes: [],
};

const troubled = () => {
  const document = documentOf();
  const long = `${"word ".repeat(40)}${HOSTILE}`;
  return {
    ...document,
    outcome: "invalid" as const,
    exitCode: 97,
    script: HOSTILE,
    cause: long,
    completeness: {
      ...document.completeness,
      mismatches: [long],
      faults: { [HOSTILE]: { rejected: 1, saturated: 1 } },
    },
  };
};

describe("text of others", () => {
  it.each([
    [
      "mesh status",
      () =>
        statusText(
          {
            home: "/h",
            keeper: null,
            url: "nats://hub",
            mesh: { root: { name: HOSTILE, epoch: 1, heardAt: 1 }, zones: [], known: [zone], runs: [] },
          },
          0,
        ),
    ],
    ["mesh zone ls", () => zonesText([zone], 1)],
    ["mesh zone show", () => zoneText(zone, [], 1)],
    ["mesh runs", () => runsText([run], [])],
    ["mesh doctor", () => doctorText({ ok: false, checks: [fail("zone", HOSTILE, HOSTILE)] })],
    [
      "mesh events",
      () =>
        logLine(
          1,
          1,
          "ZoneSeen",
          meshEventText({ type: "ZoneSeen", zone: "eu", program: HOSTILE, protocol: 1, host: HOSTILE }),
        ),
    ],
    [
      "mesh zone approve",
      () => approvedText({ zone: "eu", sha256: "0", file: "guard.json", isNew: true, details: [HOSTILE] }),
    ],
    ["the summary", () => renderSummary(troubled())],
    ["a narrow summary", () => renderSummary(troubled(), { columns: 30 })],
    ["the reporter agent", () => agentText(troubled(), [])],
    ["the reporter github", () => annotations(troubled())],
    ["the job summary of GitHub", () => jobSummary(troubled(), [])],
    ["refused options", () => failureText(problemsFailure("a.ts", [{ path: "options", message: HOSTILE }]))],
  ])("is text in %s", (_, shown) => {
    expectText(shown());
  });

  it("is a line in the live view, and its notes are text", () => {
    const failure = { kind: "threw", message: HOSTILE } as const;
    const ended = { type: "StageEnded", stage: "setup", result: "failed", failure } as const;
    expectText(eventLine("r", ended, {} as never, true) ?? "");
    const stderr = new PassThrough();
    openLiveView("r", stderr as unknown as Stream).note(HOSTILE);
    const lines = String(stderr.read()).split("\n");
    expect(lines).toEqual(["evil [2J 2J ", "forged", ""]);
  });

  it("is text in a server's log", () => {
    const notes: string[] = [];
    const teller = new LogTeller({ note: (line) => notes.push(line), tellsAll: true });
    teller.hear(`[7] 2026/11/29 20:03:45.811302 [ERR] ${HOSTILE}`, true);
    expectText(notes.join("\n"));
    expect(notes).toHaveLength(1);
  });

  it("stands escaped where nothing may be lost: in JSON, XML and tables", () => {
    const json = printableJson({ host: HOSTILE, tag: "\u{e0041}" }, 2);
    for (const line of json.split("\n")) expect(line).toMatch(TEXT);
    expect(JSON.parse(json)).toEqual({ host: HOSTILE, tag: "\u{e0041}" });
    const xml = junitText({ ...troubled(), cause: "a\u009b2Jb" });
    expect(xml).toContain("a&#155;2Jb");
    const table = new SqlTable();
    expect(["a", "String", HOSTILE].map((cell) => table.add([cell])).join("") + table.end()).toBe(
      "a\nevil\\x1b[2J\\x9b2J\\u{202e}\\u{2028}\\nforged\n",
    );
  });

  it("has an end", () => {
    expect(printable("x".repeat(1000))).toBe(`${"x".repeat(199)}…`);
    expect(printable("abc", 2)).toBe("a…");
    const wide = zonesText([{ ...zone, program: "x".repeat(1000) }], 1);
    expect(Math.max(...wide.split("\n").map((line) => line.length))).toBeLessThan(200);
  });

  it("stays as it is where it is text: letters that need joining, tabs and lines where these may be", () => {
    const text = "می\u200cخواهم 👩\u200d💻 ünï";
    expect(printable(text)).toBe(text);
    expect(printableLines("a\tb\nc")).toBe("a\tb\nc");
    expect(printableColours("\u001b[1;31mred\u001b[0m \u001b[2Jgone")).toBe(
      "\u001b[1;31mred\u001b[0m  [2Jgone",
    );
  });
});
