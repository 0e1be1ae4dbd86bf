/**
 * Secrets by reference: where a value is, never the value, so that it stands in no process list and no shell history.
 * Reads each once, on the machine of the command.
 */
import { readFileSync } from "node:fs";
import { SECRET_MIN_LENGTH } from "../../domain/redaction.ts";
import { exitCode, Failure } from "../exit-codes.ts";

const usage = (message: string, hint: string) => new Failure(exitCode.usage, "Usage", message, hint);
const HOW = "write --secret NAME, --secret NAME=env:VARIABLE or --secret NAME=file:PATH";

/** `NAME` is the variable of that name, `NAME=env:OTHER` another one, `NAME=file:PATH` a file without its last line break. */
export function readSecrets(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((each) => {
      const [, name = "", kind = "env", place] = /^([^=]*)(?:=(env|file):(.+))?$/.exec(each) ?? [];
      if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name)) {
        // What stands behind the name may be the secret itself, so it is not shown.
        throw usage(`--secret ${each.split("=", 1)[0] ?? ""} does not say where the value is`, HOW);
      }
      return [
        name,
        checked(name, kind === "file" ? fromFile(name, place ?? "") : fromVariable(name, place ?? name)),
      ];
    }),
  );
}

function fromVariable(name: string, variable: string): string {
  const value = process.env[variable];
  if (value !== undefined && value !== "") return value;
  throw usage(`--secret ${name}: the variable ${variable} is not set in this shell`, HOW);
}

function fromFile(name: string, path: string): string {
  try {
    return readFileSync(path, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    throw usage(`--secret ${name}: ${(error as Error).message}`, HOW);
  }
}

function checked(name: string, value: string): string {
  if (value.trim().length >= SECRET_MIN_LENGTH) return value;
  throw usage(
    `--secret ${name}: its value has fewer than ${SECRET_MIN_LENGTH} characters`,
    "so short a text would be taken out of figures and words as well; use a longer secret, or --env",
  );
}
