/**
 * Finds a nats-server that is new enough, or gets one: named, in PATH, in our cache, else provisioned once into the
 * cache under a lock and renamed into place. Older servers ignore message TTLs without a word, hence the minimum.
 * Relies on `nats-server --version`. It starts no server.
 */
import { accessSync, constants, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { NATS_SERVER_MINIMUM } from "../../streams/version.ts";
import {
  compareVersions,
  isNewEnough,
  minimum,
  parseVersion,
  type ProgramVersion,
  versionText,
} from "../domain/program-version.ts";
import { cacheDirectory, usableDirectory } from "./home.ts";
import { KeeperError } from "./keeper-error.ts";
import { lockWithin } from "./kernel-lock.ts";
import { fileByApt } from "./provision-by-apt.ts";
import { runProgram } from "./run-program.ts";

const goModule = "github.com/nats-io/nats-server/v2@v2.15.2";
const releases = "https://github.com/nats-io/nats-server/releases";

const provisionBoundMs = 180_000;
/** Of that, apt may take so much; the rest is for compiling. */
const aptBoundMs = 60_000;
const versionBoundMs = 5000;

export interface NatsServerBinary {
  readonly path: string;
  readonly version: ProgramVersion;
}

export interface NatsProvision {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly onNote?: (line: string) => void;
  /** Stops the search and ends what it started. */
  readonly signal?: AbortSignal;
  /** Ways to get a server, tried in order; each writes the binary somewhere below the folder and gives its path. */
  readonly ways?: readonly NatsProvisionWay[];
}

export interface NatsProvisionWay {
  readonly name: string;
  readonly get: (folder: string, boundMs: number, provision: NatsProvision) => Promise<string>;
}

/** The binary to run, version checked. Throws KeeperError "provision", or "home" if the cache cannot be written. */
export async function findNatsServer(provision: NatsProvision = {}): Promise<NatsServerBinary> {
  const present = await presentNatsServer(provision);
  return present ?? provisionOnce(shelfIn(provision.env ?? process.env), provision);
}

/** The same without getting one: undefined where there is none yet. Writes nothing. */
export async function presentNatsServer(
  provision: NatsProvision = {},
): Promise<NatsServerBinary | undefined> {
  const env = provision.env ?? process.env;
  const named = env["NATS_SERVER_BIN"];
  if (named !== undefined && named !== "") return namedServer(named);
  return (await serverInPath(env["PATH"] ?? "", provision.onNote)) ?? serverOnShelf(shelfIn(env));
}

const shelfIn = (env: NonNullable<NatsProvision["env"]>): string => join(cacheDirectory(env), "nats-server");

async function namedServer(path: string): Promise<NatsServerBinary> {
  const hint = `Name a nats-server ${NATS_SERVER_MINIMUM} or newer in NATS_SERVER_BIN, or unset it.`;
  const version = await versionOf(path).catch((error: Error) => {
    throw new KeeperError(
      "provision",
      `NATS_SERVER_BIN names ${path}, which does not run: ${error.message}`,
      hint,
    );
  });
  if (isNewEnough(version)) return { path, version };
  const found = `NATS_SERVER_BIN names ${path}, which is version ${versionText(version)}`;
  throw new KeeperError("provision", `${found}: older than ${NATS_SERVER_MINIMUM}`, hint);
}

async function serverInPath(
  pathVariable: string,
  onNote?: (line: string) => void,
): Promise<NatsServerBinary | undefined> {
  // Debian installs it in /usr/sbin, which is often not in a user's PATH.
  const folders = new Set([...pathVariable.split(delimiter).filter((folder) => folder !== ""), "/usr/sbin"]);
  for (const folder of folders) {
    const path = join(folder, "nats-server");
    if (!isExecutable(path)) continue;
    const version = await versionOf(path).catch(() => undefined);
    if (version !== undefined && isNewEnough(version)) return { path, version };
    const why = version === undefined ? "does not run" : `is version ${versionText(version)}`;
    onNote?.(`passing over ${path}: it ${why}, mesh needs ${NATS_SERVER_MINIMUM} or newer`);
  }
  return undefined;
}

/** Asks the binary for its version; rejects if it cannot be run here. */
export async function versionOf(path: string): Promise<ProgramVersion> {
  const printed = await runProgram(path, ["--version"], { boundMs: versionBoundMs });
  const version = parseVersion(printed);
  if (version === undefined)
    throw new Error(`${path} --version printed no version: ${printed.slice(0, 200)}`);
  return version;
}

const shelfSuffix = `-${process.platform}-${process.arch}`;

/** The newest server that was provisioned before. Its version was checked then, so its name is believed now. */
function serverOnShelf(shelf: string): NatsServerBinary | undefined {
  const found = namesIn(shelf).flatMap((name) => {
    const version = name.endsWith(shelfSuffix) ? parseVersion(name) : undefined;
    const path = join(shelf, name, "nats-server");
    return version !== undefined && isNewEnough(version) && isExecutable(path) ? [{ path, version }] : [];
  });
  return found.toSorted((a, b) => compareVersions(b.version, a.version))[0];
}

async function provisionOnce(shelf: string, provision: NatsProvision): Promise<NatsServerBinary> {
  usableDirectory(dirname(shelf), "MESH_CACHE");
  mkdirSync(shelf, { recursive: true, mode: 0o700 });
  const onWait = () => provision.onNote?.("another mesh is getting nats-server: waiting for it");
  const lock = await lockWithin(join(shelf, ".lock"), { boundMs: provisionBoundMs, onWait });
  if (lock === undefined) {
    const message = `another mesh has been getting nats-server for ${provisionBoundMs / 1000} s`;
    throw new KeeperError(
      "provision",
      message,
      "Try again, or install nats-server and name it in NATS_SERVER_BIN.",
    );
  }
  try {
    return serverOnShelf(shelf) ?? (await provisionUnderLock(shelf, provision));
  } finally {
    lock.release();
  }
}

async function provisionUnderLock(shelf: string, provision: NatsProvision): Promise<NatsServerBinary> {
  // Under the lock, any work folder is one that a killed process left behind.
  for (const name of namesIn(shelf)) {
    if (name.startsWith(".work-")) rmSync(join(shelf, name), { recursive: true, force: true });
  }
  const work = mkdtempSync(join(shelf, ".work-"));
  try {
    return await firstWayThatWorks(work, provision);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function firstWayThatWorks(work: string, provision: NatsProvision): Promise<NatsServerBinary> {
  const startMs = performance.now();
  const reasons: string[] = [];
  for (const [place, way] of (provision.ways ?? natsProvisionWays).entries()) {
    const folder = join(work, String(place));
    mkdirSync(folder);
    const boundMs = Math.round(startMs + provisionBoundMs - 5000 - performance.now());
    try {
      const installed = await shelve(await way.get(folder, boundMs, provision), dirname(work));
      const tookS = ((performance.now() - startMs) / 1000).toFixed(1);
      provision.onNote?.(`got nats-server ${versionText(installed.version)} by ${way.name} in ${tookS} s`);
      return installed;
    } catch (error) {
      reasons.push(`${way.name}: ${(error as Error).message}`);
    }
  }
  const message = `found no nats-server ${NATS_SERVER_MINIMUM} or newer, and could not get one`;
  const hint = `Install one from ${releases} into PATH, or name it in NATS_SERVER_BIN.`;
  throw new KeeperError("provision", `${message}\n${reasons.join("\n")}`, hint);
}

/** Checks a fresh binary by running it, then puts its folder in place by one rename. */
async function shelve(binary: string, shelf: string): Promise<NatsServerBinary> {
  const version = await versionOf(binary);
  if (!isNewEnough(version)) throw new Error(`it is version ${versionText(version)}`);
  const ready = join(dirname(binary), ".ready");
  mkdirSync(ready);
  renameSync(binary, join(ready, "nats-server"));
  const place = join(shelf, versionText(version) + shelfSuffix);
  rmSync(place, { recursive: true, force: true });
  renameSync(ready, place);
  return { path: join(place, "nats-server"), version };
}

const byApt: NatsProvisionWay = {
  name: "apt",
  get: (folder, boundMs, { onNote = () => {}, signal }) => {
    const files = ["usr/sbin/nats-server", "usr/bin/nats-server"];
    const wish = { name: "nats-server", minimum, files };
    return fileByApt(wish, { folder, boundMs: Math.min(boundMs, aptBoundMs), onNote, signal });
  },
};

const byGo: NatsProvisionWay = {
  name: "go install",
  get: async (folder, boundMs, { onNote, signal, env = process.env }) => {
    onNote?.(`compiling ${goModule}: about a minute, once`);
    // Another machine's target set in the environment would put the binary elsewhere.
    const target = { GOBIN: folder, CGO_ENABLED: "0", GOOS: "", GOARCH: "" };
    await runProgram("go", ["install", goModule], {
      boundMs,
      signal,
      cwd: folder,
      env: { ...env, ...target },
    });
    return join(folder, "nats-server");
  },
};

/** In the order tried: seconds on Debian and its kin, a minute where Go is. */
export const natsProvisionWays: readonly NatsProvisionWay[] = [byApt, byGo];

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
