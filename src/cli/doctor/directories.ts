/** The state and cache directories: whether they can be written, whose they are, and how much room they have. */
import { accessSync, constants, existsSync, statfsSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname } from "node:path";
import { cacheDirectory } from "../../keeper/home.ts";
import { fail, type Finding, warn } from "./finding.ts";
import { judgeSpace } from "./judge.ts";
import type { Patient } from "./patient.ts";

export const directories = ({ env, home }: Patient): readonly Finding[] => [
  directory("home", home, "MESH_HOME", true),
  directory("cache", cacheDirectory(env), "MESH_CACHE", false),
];

/** One that is not there yet is judged by the folder in which it will be made. */
function directory(name: string, path: string, variable: string, isPrivate: boolean): Finding {
  const there = existingAbove(path);
  const info = statSync(there);
  const elsewhere = `set ${variable} to a directory that you can write to`;
  if (!info.isDirectory()) return fail(name, `${there} is not a directory`, elsewhere);
  if (!isWritable(there)) return fail(name, `${there} cannot be written`, elsewhere);
  if (there === path && isPrivate) {
    const found = strangers(name, path, info.uid, info.mode);
    if (found !== undefined) return found;
  }
  const disk = statfsSync(there);
  const mode = (info.mode & 0o777).toString(8).padStart(4, "0");
  const fact = there === path ? `${path}, mode ${mode}` : `${path}, made when it is needed`;
  return judgeSpace(name, fact, disk.bavail * disk.bsize, variable);
}

/** Whoever may write there may answer in the keeper's place. */
function strangers(name: string, path: string, uid: number, mode: number): Finding | undefined {
  const self = userInfo().uid;
  if (self !== -1 && uid !== self) {
    const hint = "set MESH_HOME to a directory of your own; another user's servers end with their commands";
    return warn(name, `${path} belongs to user ${uid}, and you are ${self}`, hint);
  }
  if ((mode & 0o022) === 0) return undefined;
  return warn(
    name,
    `${path} can be written by others (mode ${(mode & 0o777).toString(8)})`,
    `chmod 700 ${path}`,
  );
}

function existingAbove(path: string): string {
  let folder = path;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
