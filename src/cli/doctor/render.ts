/** A diagnosis as text: one line per finding, aligned, with the next step below what is not well. Pure. */
import { printableLine } from "../../domain/printable.ts";
import { exitCode } from "../exit-codes.ts";
import type { Diagnosis } from "./examine.ts";
import type { Finding } from "./finding.ts";

const SIGNS = { ok: "✓", warn: "!", fail: "✗" } as const;

export function doctorText({ checks }: Diagnosis): string {
  const width = Math.max(0, ...checks.map(({ name }) => name.length));
  const lines = checks.flatMap((finding) => findingLines(finding, width)).map(printableLine);
  return `${[...lines, "", closing(checks)].join("\n")}\n`;
}

function findingLines({ hint, message, name, status }: Finding, width: number): readonly string[] {
  const line = `${SIGNS[status]} ${name.padEnd(width)}  ${message}`;
  return hint === undefined ? [line] : [line, `${" ".repeat(width + 4)}${hint}`];
}

function closing(checks: readonly Finding[]): string {
  const count = (status: Finding["status"]) => checks.filter((finding) => finding.status === status).length;
  const [fails, warns] = [count("fail"), count("warn")];
  if (fails > 0)
    return `${counted(fails, "thing")} to mend before a mesh can be used (exit code ${exitCode.unreachable})`;
  return warns > 0 ? `mesh can be used; ${counted(warns, "thing")} to look at` : "all is well";
}

const counted = (count: number, what: string): string => (count === 1 ? `one ${what}` : `${count} ${what}s`);
