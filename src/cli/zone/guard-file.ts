/** The guard file of a zone's owner, on disk: read when a zone starts and anew for every share, and where a person approves. */
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
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

export interface ApprovedIn {
  /** False when it was approved before. */
  readonly isNew: boolean;
  /** The file is somebody else's now than before: the zone may not be able to read it. */
  readonly formerOwner?: number;
}

/** Adds a hash to the approved ones; the file is replaced as a whole, or not at all, and stays whose it was. */
export function approveIn(file: string, zone: string, sha256: string): ApprovedIn {
  const before = contentOf(file);
  const read = readGuardFile(before ?? "{}", zone);
  if (!read.ok)
    throw new Failure(exitCode.usage, "Guard", problemLines(file, read.problems).join("\n"), HINT);
  if (read.file.approved.includes(sha256)) return { isNew: false };
  const content = JSON.parse(before ?? '{ "requireApproval": true }') as Record<string, unknown>;
  const after = { ...content, approved: [...read.file.approved, sha256] };
  return { isNew: true, ...replaced(file, `${JSON.stringify(after, null, 2)}\n`) };
}

/** A link stays one, and what it leads to is replaced. */
function replaced(file: string, text: string): { readonly formerOwner?: number } {
  const former = statSync(file, { throwIfNoEntry: false });
  const place = former === undefined ? file : realpathSync(file);
  const written = `${place}.${randomBytes(4).toString("hex")}`;
  try {
    writeFileSync(written, text, { mode: 0o600 });
    const isKept = former === undefined || keep(written, former);
    renameSync(written, place);
    return isKept ? {} : { formerOwner: former.uid };
  } catch (error) {
    rmSync(written, { force: true });
    throw new Failure(exitCode.usage, "Guard", `${file} cannot be written: ${(error as Error).message}`);
  }
}

/** Owner, group and mode of what is replaced; whether the owner could be kept. Only root may give a file to somebody else. */
function keep(written: string, { gid, mode, uid }: Stats): boolean {
  const isKept = isGiven(written, uid, gid);
  // Whoever is in the group may keep that at least.
  if (!isKept) isGiven(written, statSync(written).uid, gid);
  // Last: giving a file away may change its mode, and the umask does not count here.
  chmodSync(written, mode & 0o777);
  return isKept;
}

function isGiven(file: string, uid: number, gid: number): boolean {
  try {
    chownSync(file, uid, gid);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EPERM") return false;
    throw error;
  }
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Failure(exitCode.usage, "Guard", `${file} cannot be read: ${(error as Error).message}`);
  }
}
