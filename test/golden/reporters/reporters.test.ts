/**
 * What each reporter writes of the same two runs, as it is on disk. These texts are for people and tools: unlike the bytes
 * of the contract they may change, by a decision, with a new version of the file.
 * `UPDATE_GOLDEN=1` writes missing files only.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { chooseReporters } from "../../../src/cli/report/choose.ts";
import { annotations } from "../../../src/cli/report/github.ts";
import { jobSummary } from "../../../src/cli/report/github-summary.ts";
import { makeReporters } from "../../../src/cli/report/reporters.ts";
import type { SummaryDocument } from "../../../src/domain/summary/document.ts";
import { renderSummary } from "../../../src/domain/summary/render.ts";
import type { Paint } from "../../../src/domain/summary/text-layout.ts";
import { documentOf, troubledDocument } from "../../unit/summary/fixture.ts";

const next = (run: string) => [
  { command: `mesh events ${run}`, tells: "what happened" },
  { command: `mesh sql "SELECT metric, p95 FROM trend_summary WHERE run = '${run}'"`, tells: "" },
];

/** Colours that one can read. */
const paint: Paint = (look, text) => `<${look}>${text}</${look}>`;

/** What a reporter that needs no log writes to stdout. */
function reported(name: string, document: SummaryDocument): string {
  const printed: string[] = [];
  const surroundings = { isTerminal: false, variables: {} };
  const chosen = chooseReporters({ flags: [name], variable: [], config: [], json: undefined }, surroundings);
  const print = (text: string) => void printed.push(text);
  const note = (line: string) => expect.unreachable(line);
  makeReporters(chosen, { print, note, script: "shop.ts", next }).end(document, false);
  return printed.join("");
}

const good = documentOf();
const bad = troubledDocument();

const texts: Readonly<Record<string, string>> = {
  "summary.v2.txt": renderSummary(good),
  "summary-80.v1.txt": renderSummary(good, { columns: 80, next: next(good.run) }),
  "summary-40.v1.txt": renderSummary(good, { columns: 40, next: next(good.run) }),
  "summary-coloured.v1.txt": renderSummary(bad, { columns: 80, paint, next: next(bad.run) }),
  "json.v1.json": reported("json", good),
  "junit.v1.xml": reported("junit", good),
  "junit-troubled.v1.xml": reported("junit", bad),
  "github.v1.txt": annotations(good),
  "github-troubled.v1.txt": annotations(bad),
  "github-summary.v1.md": jobSummary(good, next(good.run)),
  "github-summary-troubled.v1.md": jobSummary(bad, next(bad.run)),
  "agent.v1.txt": reported("agent", good),
  "agent-troubled.v1.txt": reported("agent", bad),
};

const placeOf = (file: string) => new URL(file, import.meta.url);

if (process.env["UPDATE_GOLDEN"] === "1") {
  for (const [file, text] of Object.entries(texts)) {
    if (!existsSync(placeOf(file))) writeFileSync(placeOf(file), text);
  }
}

describe("reports", () => {
  it.each(Object.entries(texts))("are what they were: %s", (file, text) => {
    expect(text.toWellFormed()).toBe(readFileSync(placeOf(file), "utf8"));
  });
});
