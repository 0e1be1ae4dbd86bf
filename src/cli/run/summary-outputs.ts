/** Writes what `handleSummary` returned: `stdout` and `stderr` to those, anything else to a file of that name. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Reporters } from "../report/reporters.ts";

interface Outlet {
  readonly reporters: Pick<Reporters, "isForPeople">;
  readonly note: (line: string) => void;
  readonly print: (text: string) => void;
  /** The same for stderr. */
  readonly printError: (text: string) => void;
}

/** True when there was output, which takes the place of our own summary, as in k6. */
export async function writeOutputs(value: unknown, outlet: Outlet): Promise<boolean> {
  const { note, print, printError, reporters } = outlet;
  if (typeof value !== "object" || value === null) return false;
  for (const [name, content] of Object.entries(value)) {
    const text = bytesOf(content);
    if (name === "stdout") (reporters.isForPeople ? print : printError)(text.toString());
    else if (name === "stderr") printError(text.toString());
    else await writeFileOf(name, text, note);
  }
  return true;
}

/** What an output holds. Bytes travel as base64 in `{ base64 }`; everything else is text, as k6 does it. */
export function bytesOf(content: unknown): Buffer {
  const base64 = (content as { base64?: unknown } | null)?.base64;
  if (typeof base64 === "string") return Buffer.from(base64, "base64");
  return Buffer.from(typeof content === "string" ? content : JSON.stringify(content));
}

async function writeFileOf(name: string, bytes: Buffer, note: (line: string) => void): Promise<void> {
  try {
    await mkdir(dirname(name), { recursive: true });
    await writeFile(name, bytes);
  } catch (error) {
    note(`handleSummary: could not write ${name}: ${(error as Error).message}`);
  }
}
