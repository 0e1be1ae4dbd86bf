/**
 * The reporter `agent`, for programs that read text and pay by the word: a line of `key: value` each, always in this
 * order, at most about fifteen in all. No progress, no tables.
 */
import type { SummaryDocument } from "../../domain/summary/document.ts";
import { printable } from "../../domain/printable.ts";
import { adviceOn } from "../../domain/summary/advice.ts";
import type { NextStep } from "../../domain/summary/render.ts";
import { observedText } from "../../domain/summary/threshold-text.ts";
import { allChecks, breachesTold, checkName, failedThresholds, mainFigures } from "./main-figures.ts";
import type { Desk, Reporter } from "./reporter.ts";

/** Failed things of one kind that have a line. */
const LINES_MAX = 2;
const LINE_MAX = 300;

export const agentReporter = ({ next, write }: Desk): Reporter => ({
  end: ({ document }) => write(agentText(document, next(document.run))),
  broken: (message) => write(`${oneLine("outcome: broken")}\n${oneLine(`cause: ${message}`)}\n`),
});

export function agentText(document: SummaryDocument, next: readonly NextStep[]): string {
  const { cause = "", completeness, exitCode, outcome, run, script } = document;
  const { agents, windows } = completeness;
  const advice = adviceOn(document);
  const failed = failedThresholds(document).map(
    (each) => `${each.metric} ${each.threshold} (${observedText(each, document.metrics)})`,
  );
  const checks = allChecks(document.root_group)
    .filter(({ fails }) => fails > 0)
    .map((check) => `${checkName(check)} (${check.fails} of ${check.passes + check.fails})`);
  const figures = mainFigures(document).map(({ name, text }) => `${name} ${text}`);
  const whole = `${agents.finished} of ${agents.expected} agents finished, ${windows.complete} of ${windows.total} windows complete`;
  const lines = [
    `outcome: ${outcome}`,
    `exit: ${exitCode}`,
    `run: ${run}`,
    `script: ${script}`,
    ...(exitCode === 0 ? [] : [`cause: ${cause}`]),
    ...bounded("threshold failed", failed),
    ...bounded("check failed", checks),
    `figures: ${figures.join("; ")}`,
    `completeness: ${whole}`,
    ...(agents.lost.length === 0 ? [] : [`agents lost: ${agents.lost.join(", ")}`]),
    ...bounded("generator", breachesTold(document)),
    ...(exitCode === 0 && advice === undefined ? [] : [`advice: ${advice ?? ""}`]),
  ];
  // Commands are whole or not there at all.
  const commands = next.slice(0, LINES_MAX).map(({ command }) => `next: ${command}`);
  return `${[...lines.map(oneLine), ...commands].join("\n")}\n`;
}

function bounded(key: string, things: readonly string[]): readonly string[] {
  const more = things.length - LINES_MAX;
  const lines = things.slice(0, LINES_MAX).map((thing) => `${key}: ${thing}`);
  return more > 0 ? [...lines, `${key}: … and ${more} more`] : lines;
}

const oneLine = (text: string): string => printable(text, LINE_MAX).trimEnd();
