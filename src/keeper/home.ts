/**
 * Where mesh keeps its state (`MESH_HOME`) and what it can fetch again (`MESH_CACHE`), and the keeper's socket path.
 * Relies on the XDG defaults when neither is set. It creates directories, never files.
 */
import { createHash } from "node:crypto";
import { accessSync, constants, existsSync, lstatSync, mkdirSync } from "node:fs";
import { homedir, tmpdir, userInfo } from "node:os";
import { dirname, join, resolve } from "node:path";
import { KeeperError } from "./keeper-error.ts";

/** sun_path holds 108 bytes on Linux but 104 on macOS and the BSDs, each with a closing NUL. */
export const socketPathBytesMax = 103;

type Environment = Readonly<Record<string, string | undefined>>;

/** The state directory: `MESH_HOME`, else `mesh` under `XDG_STATE_HOME` or `~/.local/state`. Absolute; not created. */
export function homeDirectory(env: Environment = process.env): string {
  return resolve(
    env["MESH_HOME"] || join(env["XDG_STATE_HOME"] || join(homedir(), ".local", "state"), "mesh"),
  );
}

/** The cache directory: `MESH_CACHE`, else `mesh` under `XDG_CACHE_HOME` or `~/.cache`. Absolute; not created. */
export function cacheDirectory(env: Environment = process.env): string {
  return resolve(env["MESH_CACHE"] || join(env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "mesh"));
}

/**
 * Creates the directory (mode 0700 if it is new) and checks that it can be written; returns its path.
 * Throws KeeperError "home", which names the path and the variable to set.
 */
export function usableDirectory(path: string, variable: "MESH_HOME" | "MESH_CACHE"): string {
  try {
    makeDirectory(path);
    accessSync(path, constants.W_OK | constants.X_OK);
    return path;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
    const hint = `Set ${variable} to a directory that you can write to.`;
    throw new KeeperError("home", `cannot create or write the directory ${path} (${code})`, hint);
  }
}

/**
 * Creates a directory and those above it. Not `recursive`: where the file system takes no directories and says that
 * there is nothing (as /proc does), Node tries the same one again for ever.
 */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  const above = dirname(path);
  if (above !== path) makeDirectory(above);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another command may make it at the same moment.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** The keeper's socket: in its home, or, where that is too long for a socket, a hashed name in a temporary folder. */
export function socketPath(home: string, temporary: string = tmpdir()): string {
  const inHome = join(home, "keeper.sock");
  if (Buffer.byteLength(inHome) <= socketPathBytesMax) return inHome;
  const name = `${createHash("sha256").update(home).digest("hex").slice(0, 16)}.sock`;
  const hashed = join(temporary, `mesh-${userInfo().uid}`, name);
  return Buffer.byteLength(hashed) <= socketPathBytesMax
    ? hashed
    : join("/tmp", `mesh-${userInfo().uid}`, name);
}

/**
 * Makes the folder of a socket ours alone (0700). A folder in /tmp that somebody else made first would let them
 * answer in the keeper's place, so it is refused with KeeperError "home".
 */
export function privateSocketFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  const ours = found.isDirectory() && found.uid === userInfo().uid && (found.mode & 0o077) === 0;
  if (ours) return;
  const hint = "Remove it, or set MESH_HOME to a shorter path so that the socket can lie there.";
  throw new KeeperError(
    "home",
    `the socket folder ${folder} belongs to somebody else or is open to others`,
    hint,
  );
}
