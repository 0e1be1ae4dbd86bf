/**
 * Gets a package's files on Debian and its kin without root and without touching the machine's apt: a private apt
 * state in a work folder, derived from the machine's own sources, keys and proxies, with a newer suite of the same archive.
 * Relies on apt-get, apt-cache, apt-config and dpkg-deb. It installs nothing and runs no package script.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compareVersions, parseVersion, type ProgramVersion } from "../domain/program-version.ts";
import {
  deb822Of,
  newerCandidates,
  parseDeb822Sources,
  parseOneLineSources,
  parseOsRelease,
} from "./apt-sources.ts";
import type { AptCandidate, AptSource } from "./apt-sources.ts";
import { runProgram } from "./run-program.ts";

export interface AptWish {
  readonly name: string;
  readonly minimum: ProgramVersion;
  /** Files inside the package, relative to its root; the first one present is taken. */
  readonly files: readonly string[];
}

export interface AptWork {
  /** An empty folder of ours; the caller removes it. */
  readonly folder: string;
  readonly boundMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onNote: (line: string) => void;
}

/** The unpacked file's path inside the work folder; rejects with every reason why no suite had it. */
export async function fileByApt(wish: AptWish, work: AptWork): Promise<string> {
  const endMs = performance.now() + work.boundMs;
  const candidates = newerCandidates(readMachineSources(), parseOsRelease(readText("/etc/os-release")));
  const reasons: string[] = [];
  const acquire = candidates.length === 0 ? "" : await machineAcquireSettings(work);
  for (const [place, candidate] of candidates.entries()) {
    const boundMs = Math.round(endMs - performance.now());
    if (boundMs <= 0) break;
    const folder = join(work.folder, String(place));
    work.onNote(`looking for ${wish.name} in ${candidate.suites[0]} of ${candidate.uris.join(", ")}`);
    try {
      return await fileFromSuite(wish, candidate, { ...work, folder, boundMs, acquire });
    } catch (error) {
      reasons.push(`${candidate.suites[0]}: ${(error as Error).message}`);
    }
  }
  throw new Error(reasons.join("\n") || "this machine has no apt sources for its own release");
}

async function fileFromSuite(
  wish: AptWish,
  candidate: AptCandidate,
  work: AptWork & { readonly acquire: string },
): Promise<string> {
  const config = writePrivateApt(work.folder, candidate, work.acquire);
  const run = {
    cwd: work.folder,
    boundMs: work.boundMs,
    env: { ...process.env, APT_CONFIG: config, LC_ALL: "C" },
  };
  const apt = (program: string, ...args: string[]) =>
    runProgram(program, args, { ...run, signal: work.signal });
  await apt("apt-get", "-qq", "update");
  const offered = /^Version: (?:\d+:)?(.+)$/m.exec(
    await apt("apt-cache", "show", "--no-all-versions", wish.name),
  )?.[1];
  const version = parseVersion(offered ?? "");
  if (version === undefined || compareVersions(version, wish.minimum) < 0) {
    throw new Error(`offers only ${wish.name} ${offered ?? "(none)"}`);
  }
  await apt("apt-get", "-qq", "download", wish.name);
  const archive = readdirSync(work.folder).find((name) => name.endsWith(".deb"));
  await apt("dpkg-deb", "-x", archive ?? `${wish.name}.deb`, "unpacked");
  const unpacked = join(work.folder, "unpacked");
  const file = wish.files.find((name) => readText(join(unpacked, name), 1) !== "");
  if (file === undefined) throw new Error(`its package holds none of ${wish.files.join(", ")}`);
  return join(unpacked, file);
}

function writePrivateApt(folder: string, candidate: AptCandidate, acquire: string): string {
  for (const name of ["empty", "sources", "state/lists/partial", "cache/archives/partial", "log"]) {
    mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
  }
  const config = join(folder, "apt.conf");
  const write = (name: string, text: string): void =>
    writeFileSync(join(folder, name), text, { mode: 0o600 });
  write("sources/mesh.sources", deb822Of(candidate));
  write("status", "");
  write("apt.conf", acquire + privateSettings(folder));
  return config;
}

/** The machine's own hooks and pins stay out: its `parts`, `main` and `preferences` are replaced by nothing. */
function privateSettings(folder: string): string {
  const settings = {
    "Dir::State": join(folder, "state"),
    "Dir::State::status": join(folder, "status"),
    "Dir::Cache": join(folder, "cache"),
    "Dir::Log": join(folder, "log"),
    "Dir::Etc::parts": join(folder, "empty"),
    "Dir::Etc::main": "/dev/null",
    "Dir::Etc::sourcelist": "/dev/null",
    "Dir::Etc::sourceparts": join(folder, "sources"),
    "Dir::Etc::preferences": "/dev/null",
    "Dir::Etc::preferencesparts": join(folder, "empty"),
    "APT::Sandbox::User": "",
    "APT::Update::Error-Mode": "any",
    "Acquire::Languages": "none",
    "Acquire::Retries": "1",
    "Acquire::http::Timeout": "10",
    "Acquire::https::Timeout": "10",
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name} "${value}";\n`)
    .join("");
}

/** How this machine reaches its archives: proxies, certificates, date checks. Index lists and hooks are left out. */
async function machineAcquireSettings(work: AptWork): Promise<string> {
  const dump = await runProgram("apt-config", ["dump"], { boundMs: work.boundMs, signal: work.signal });
  return dump
    .split("\n")
    .filter((line) => /^Acquire::(?!IndexTargets|Languages|Changelogs)/.test(line))
    .map((line) => `${line}\n`)
    .join("");
}

function readMachineSources(): AptSource[] {
  const parts = "/etc/apt/sources.list.d";
  const names = listOf(parts).toSorted();
  const main = parseOneLineSources(readText("/etc/apt/sources.list"));
  const more = names.flatMap((name) => {
    if (name.endsWith(".sources")) return parseDeb822Sources(readText(join(parts, name)));
    return name.endsWith(".list") ? parseOneLineSources(readText(join(parts, name))) : [];
  });
  return [...main, ...more];
}

function listOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readText(path: string, charactersMax = Infinity): string {
  try {
    return readFileSync(path, "utf8").slice(0, charactersMax);
  } catch {
    return "";
  }
}
