/**
 * wrk, bare: one thread, no script. What a core can send at the most, so that the other figures have a ceiling.
 * Taken from WRK_BIN or PATH, else unpacked from Debian's package beside the cache, without root and without installing.
 */
import { mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { findProgram } from "../find-program.ts";
import { CONNECTIONS, type Peer, type PeerFigures, runBoundMs, type Workplace } from "../peer.ts";

const FETCH_BOUND_MS = 120_000;
const PACKAGES = ["wrk", "libluajit-5.1-2"];
const MS = { us: 0.001, ms: 1, s: 1000, m: 60_000 } as const;

export function wrk(place: Workplace): Peer {
  const fetched = join(place.shelf, "wrk/usr/bin/wrk");
  let program = fetched;
  return {
    name: "wrk",
    work: "nothing: bare requests, in C",
    prepare: async () => {
      const found = findProgram({ program: "wrk", variable: "WRK_BIN", fetched });
      if (found === undefined) await fetchPackages(place);
      program = found ?? fetched;
      // It prints its version with its usage and then fails, so the shell forgives it.
      const { stdout } = await place.anywhere("sh", ["-c", '"$0" -v || true', program], settings(1));
      return /wrk (?:debian\/)?(\S+)/.exec(stdout)?.[1] ?? stdout.trim();
    },
    run: async (url, seconds) => {
      const args = ["-t", "1", "-c", String(CONNECTIONS), "-d", `${seconds}s`, "--latency", `${url}/`];
      const { stdout } = await place.pinned(program, args, settings(seconds));
      return figuresOf(stdout);
    },
  };

  /** The library that its package needs lies beside it. */
  function settings(seconds: number) {
    const libraries = program === fetched ? libraryFolders(place) : "";
    return {
      boundMs: runBoundMs(seconds),
      env: libraries === "" ? {} : { LD_LIBRARY_PATH: libraries },
    };
  }
}

async function fetchPackages(place: Workplace): Promise<void> {
  const folder = join(place.folder, "wrk");
  mkdirSync(folder);
  place.say(`apt-get download ${PACKAGES.join(" ")}, unpacked into ${place.shelf}/wrk`);
  const run = { boundMs: FETCH_BOUND_MS, cwd: folder };
  await place.anywhere("apt-get", ["-qq", "download", ...PACKAGES], run);
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".deb"))) {
    await place.anywhere("dpkg-deb", ["-x", name, "unpacked"], run);
  }
  const whole = join(place.shelf, "wrk");
  mkdirSync(dirname(whole), { recursive: true });
  for (const old of [whole, `${whole}.part`]) rmSync(old, { recursive: true, force: true });
  await place.anywhere("cp", ["-r", join(folder, "unpacked"), `${whole}.part`], run);
  renameSync(`${whole}.part`, whole);
}

function libraryFolders(place: Workplace): string {
  const folder = join(place.shelf, "wrk/usr/lib");
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .join(":");
}

function figuresOf(text: string): PeerFigures {
  const [, requests = "", seconds = "", unit = "s"] =
    /(\d+) requests in ([\d.]+)(us|ms|s|m),/.exec(text) ?? [];
  const [, p99, p99Unit] = /99%\s+([\d.]+)(us|ms|s|m)\b/.exec(text) ?? [];
  const socketErrors = /Socket errors: (.*)/.exec(text)?.[1]?.match(/\d+/g) ?? [];
  const others = /Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? "0";
  const inMs = (value: string, of: string): number => Number(value) * MS[of as keyof typeof MS];
  return {
    requests: Number(requests),
    seconds: inMs(seconds, unit) / 1000,
    failed: [...socketErrors, others].reduce((sum, one) => sum + Number(one), 0),
    p99Ms: p99 === undefined || p99Unit === undefined ? undefined : inMs(p99, p99Unit),
  };
}
