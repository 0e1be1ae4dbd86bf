/** How every failure is told: two lines for a person, one object for a program. Prints; decides nothing. */
import { printableJson, printableLines } from "../domain/printable.ts";
import { exitCode, type Failure } from "./exit-codes.ts";

/** On stderr for a person; as JSON on stdout, where results would stand. */
export function tellFailure(failure: Failure, isJson: boolean, stack?: string): void {
  if (isJson) process.stdout.write(`${printableJson(failureJson(failure), 2)}\n`);
  else process.stderr.write(`${failureText(failure, stack)}\n`);
}

export function failureText({ exit, hint, message }: Failure, stack?: string): string {
  const lines = [`mesh: ${message}`];
  if (hint !== undefined) lines.push(`      ${hint}`);
  if (exit === exitCode.defect && stack !== undefined) lines.push(stack);
  return printableLines(lines.join("\n"));
}

export const failureJson = ({ code, exit, hint, message }: Failure) => ({
  error: { code, message, exit, ...(hint === undefined ? {} : { hint }) },
});
