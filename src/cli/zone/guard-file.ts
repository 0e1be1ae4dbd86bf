/** The guard file of a zone's owner, on disk: read when a zone starts and anew for every share, and where a person approves. */
import { randomBytes } from "node:crypto";
import { readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { problemLines, readGuardFile } from "../../domain/guard/guard-file.ts";
import type { OwnersFile } from "../../domain/guard/share-rails.ts";
import { guardWords } from "../../domain/guard/guard-words.ts";
import { exitCode, Failure } from "../exit-codes.ts";

const HINT = "docs/guard-rails.md says what may stand in it";

/** The file as it is now. One that is gone or cannot be read allows nothing. */
export function ownersFile(file: string, zone: string): OwnersFile {
  try {
    return { name: file, read: readGuardFile(readFileSync(file, "utf8"), zone) };
  } catch (error) {
    const message = `cannot be read: ${(error as Error).message}`;
    return { name: file, read: { ok: false, problems: [{ path: "", message }] } };
  }
}

/** Reads the file whenever asked; it must be right now. Tells what it holds runs to. */
export function guardSource(file: string, zone: string, note: (line: string) => void): () => OwnersFile {
  const { read } = ownersFile(file, zone);
  if (!read.ok)
    throw new Failure(exitCode.usage, "Guard", problemLines(file, read.problems).join("\n"), HINT);
  const { approved, guard, requireApproval } = read.file;
  const words = [
    ...guardWords(guard),
    ...(requireApproval ? [`only approved scripts (${approved.length})`] : []),
  ];
  note(`guard rails of zone ${zone} (${file}): ${words.join("; ") || "none"}`);
  return () => ownersFile(file, zone);
}

/** Adds a hash to the approved ones; the file is replaced as a whole, or not at all. @returns whether it is new */
export function approveIn(file: string, zone: string, sha256: string): boolean {
  const before = contentOf(file);
  const read = readGuardFile(before ?? "{}", zone);
  if (!read.ok)
    throw new Failure(exitCode.usage, "Guard", problemLines(file, read.problems).join("\n"), HINT);
  if (read.file.approved.includes(sha256)) return false;
  const content = JSON.parse(before ?? '{ "requireApproval": true }') as Record<string, unknown>;
  const after = { ...content, approved: [...read.file.approved, sha256] };
  const written = `${file}.${randomBytes(4).toString("hex")}`;
  writeFileSync(written, `${JSON.stringify(after, null, 2)}\n`, { mode: modeOf(file) });
  renameSync(written, file);
  return true;
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Failure(exitCode.usage, "Guard", `${file} cannot be read: ${(error as Error).message}`);
  }
}

const modeOf = (file: string): number => {
  try {
    return statSync(file).mode & 0o777;
  } catch {
    return 0o600;
  }
};
