/**
 * The reporter `junit`: JUnit XML as CI systems read it. A test case for each threshold, one for each check, and one for
 * the run itself, which is an error where the outcome is no verdict on the target. Relies on nothing; builds text.
 */
import { escapedIn } from "../../domain/printable.ts";
import type { CheckSummary } from "../../domain/summary/checks.ts";
import type { SummaryDocument, ThresholdSummary } from "../../domain/summary/document.ts";
import { percentText } from "../../domain/summary/figures.ts";
import { thresholdTexts } from "../../domain/summary/threshold-text.ts";
import { keptAtEnd } from "../../domain/threshold/evaluate.ts";
import { allChecks, breachesTold, checkName, failedThresholds } from "./main-figures.ts";
import type { Desk, Reporter } from "./reporter.ts";

interface Fault {
  readonly tag: "failure" | "error";
  readonly type: string;
  readonly message: string;
  readonly text: string;
}

interface Case {
  readonly name: string;
  readonly seconds: number;
  readonly fault: Fault | undefined;
}

export const junitReporter = ({ script, write }: Desk): Reporter => ({
  end: ({ document }) => write(junitText(document)),
  broken: (message) => write(brokenText(script, message)),
});

/** The whole file for a run that has a summary. */
export function junitText(document: SummaryDocument): string {
  const {
    durationMs,
    exitCode,
    outcome,
    root_group: root,
    run,
    script,
    startedAt,
    thresholds = [],
  } = document;
  const cases = [
    ...thresholds.map((threshold) => thresholdCase(threshold, document)),
    ...allChecks(root).map(checkCase),
    { name: "run", seconds: durationMs / 1000, fault: runFault(document) },
  ];
  const at = startedAt === 0 ? {} : { timestamp: new Date(startedAt / 1000).toISOString().slice(0, 19) };
  return suite(script, cases, at, { run, outcome, exitCode: String(exitCode) });
}

/** The same for a run that never came to a summary. */
export function brokenText(script: string, message: string): string {
  const fault: Fault = { tag: "error", type: "broken", message: firstLine(message), text: message };
  return suite(script, [{ name: "run", seconds: 0, fault }], {}, {});
}

function thresholdCase(summary: ThresholdSummary, { metrics }: SummaryDocument): Case {
  const { judgement, metric, threshold } = summary;
  const name = `${metric}: ${threshold}`;
  if (keptAtEnd(judgement)) return { name, seconds: 0, fault: undefined };
  const { limit, observed } = thresholdTexts(summary, metrics);
  const message = `${summary.frame === undefined ? "observed " : ""}${observed}, limit ${limit}`;
  return {
    name,
    seconds: 0,
    fault: { tag: "failure", type: "threshold", message, text: `${name}: ${message}` },
  };
}

function checkCase(check: CheckSummary): Case {
  const { fails, passes } = check;
  const name = `check: ${checkName(check)}`;
  if (fails === 0) return { name, seconds: 0, fault: undefined };
  const share = percentText(passes / (passes + fails));
  const message = `failed ${fails} of ${passes + fails} times (${share} passed)`;
  return { name, seconds: 0, fault: { tag: "failure", type: "check", message, text: `${name}: ${message}` } };
}

/** A failed run is told by its thresholds, unless all of them were kept again when it ended. */
function runFault(document: SummaryDocument): Fault | undefined {
  const { cause = "", outcome } = document;
  if (outcome === "passed") return undefined;
  const isTold = outcome === "failed" && failedThresholds(document).length > 0;
  if (isTold) return undefined;
  const tag = outcome === "failed" ? "failure" : "error";
  const text = [cause, ...document.completeness.mismatches, ...breachesTold(document)].join("\n");
  return { tag, type: outcome, message: firstLine(cause), text };
}

const firstLine = (text: string): string => text.split("\n", 1)[0] ?? "";

function suite(
  script: string,
  cases: readonly Case[],
  more: Readonly<Record<string, string>>,
  properties: Readonly<Record<string, string>>,
): string {
  const countOf = (tag: Fault["tag"]) => String(cases.filter(({ fault }) => fault?.tag === tag).length);
  const seconds = secondsText(Math.max(0, ...cases.map((each) => each.seconds)));
  const counts = {
    tests: String(cases.length),
    failures: countOf("failure"),
    errors: countOf("error"),
    skipped: "0",
    time: seconds,
  };
  const given = Object.entries(properties).map(
    ([name, value]) => `      <property ${attributes({ name, value })}/>`,
  );
  const lines = [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<testsuites ${attributes({ name: "mesh", ...counts })}>`,
    `  <testsuite ${attributes({ name: script, ...counts, ...more })}>`,
    ...(given.length === 0 ? [] : ["    <properties>", ...given, "    </properties>"]),
    ...cases.flatMap((each) => caseLines(script, each)),
    "  </testsuite>",
    "</testsuites>",
  ];
  return `${lines.join("\n")}\n`;
}

function caseLines(classname: string, { fault, name, seconds }: Case): readonly string[] {
  const head = `    <testcase ${attributes({ classname, name, time: secondsText(seconds) })}`;
  if (fault === undefined) return [`${head}/>`];
  const { message, tag, text, type } = fault;
  return [
    `${head}>`,
    `      <${tag} ${attributes({ type, message })}>${escaped(text)}</${tag}>`,
    "    </testcase>",
  ];
}

const secondsText = (seconds: number): string => seconds.toFixed(3);

const attributes = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}="${escaped(value).replaceAll(/[\t\n\r]/g, spaceReference)}"`)
    .join(" ");

const spaceReference = (space: string): string => `&#${space.charCodeAt(0)};`;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** XML 1.0 has no way at all to write these: control characters, halves of pairs, and two that are no characters. */
const NOT_XML = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

const escaped = (text: string): string =>
  escapedIn(
    text.replaceAll(NOT_XML, "\uFFFD").replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] as string),
    reference,
  );

/** What XML can write and a terminal would obey. */
const reference = (character: string): string =>
  /[\t\n\r]/.test(character) ? character : `&#${character.codePointAt(0)};`;
