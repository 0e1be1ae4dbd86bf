/**
 * The reporter `github`, for GitHub Actions: workflow commands on stdout, which become annotations, and a Markdown
 * summary of the job at the end of the file that GITHUB_STEP_SUMMARY names. GitHub shows ten errors of a step at most.
 */
import { appendFileSync } from "node:fs";
import { printable, printableLines } from "../../domain/printable.ts";
import type { SummaryDocument } from "../../domain/summary/document.ts";
import { observedText } from "../../domain/summary/threshold-text.ts";
import { breachesTold, failedThresholds, mainFigures } from "./main-figures.ts";
import { jobSummary } from "./github-summary.ts";
import type { Desk, Reporter } from "./reporter.ts";

const ERRORS_MAX = 9;

export const githubReporter = ({ next, note, script, write }: Desk): Reporter => ({
  end: ({ document }) => {
    write(annotations(document));
    appendSummary(jobSummary(document, next(document.run)), note);
  },
  broken: (message) => {
    write(`${command("error", `mesh run ${script}`, message)}\n`);
    appendSummary(`## ❌ mesh run ${script}\n\n\`\`\`\n${message.replaceAll("```", "'''")}\n\`\`\`\n`, note);
  },
});

/** The cause, each threshold that failed, each budget that was broken, each agent that was lost, and the headline: a line each. */
export function annotations(document: SummaryDocument): string {
  const { completeness, exitCode, metrics, outcome, run, script } = document;
  const figures = mainFigures(document).map(({ name, text }) => `${name} ${text}`);
  const headline = command("notice", `mesh ${outcome}`, `${script}: ${figures.join("; ")} (run ${run})`);
  const level = exitCode === 0 ? "warning" : "error";
  const lines = [
    ...(exitCode === 0 ? [] : [command("error", `mesh ${outcome} (exit ${exitCode})`, causeOf(document))]),
    ...failedThresholds(document).map((each) =>
      command("error", `threshold ${each.metric}`, `${each.threshold}: ${observedText(each, metrics)}`),
    ),
    ...breachesTold(document).map((message) => command(level, "generator", message)),
    ...completeness.agents.lost.map((agent) =>
      command(level, `agent ${agent} lost`, reasonOf(agent, document)),
    ),
  ];
  const more = lines.length - ERRORS_MAX;
  const rest = more > 0 ? [command(level, "mesh", `… and ${more} more; the summary has all of them`)] : [];
  return `${[...lines.slice(0, ERRORS_MAX), ...rest, headline].join("\n")}\n`;
}

const causeOf = ({ cause, outcome }: SummaryDocument): string => cause ?? outcome;

const reasonOf = (agent: string, { completeness }: SummaryDocument): string =>
  completeness.gaps?.find((gap) => gap.agent === agent)?.reason ?? "its part of the load is missing";

/** `::error title=…::…`, escaped as GitHub's own toolkit does. */
const command = (level: "error" | "warning" | "notice", title: string, message: string): string =>
  `::${level} title=${escapedProperty(printable(title))}::${escapedData(printableLines(message))}`;

const escapedData = (text: string): string =>
  text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");

const escapedProperty = (text: string): string =>
  escapedData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");

function appendSummary(markdown: string, note: Desk["note"]): void {
  const file = process.env["GITHUB_STEP_SUMMARY"] ?? "";
  if (file === "") return;
  try {
    appendFileSync(file, markdown);
  } catch (error) {
    note(`reporter github: could not add to ${file}: ${(error as Error).message}`);
  }
}
