/**
 * Locust with its fast client, headless, one process: a name per request, its statistics, failures by status.
 * Taken from LOCUST_BIN or PATH, else the newest from PyPI in a virtual environment beside the cache.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../find-program.ts";
import { CONNECTIONS, type Peer, type PeerFigures, runBoundMs, type Workplace } from "../peer.ts";

const FETCH_BOUND_MS = 300_000;

const script = `from locust import FastHttpUser, task


class Reader(FastHttpUser):
    @task
    def root(self):
        self.client.get("/", name="root")
`;

/** One entry of `--json`; the histogram has rounded milliseconds as keys. */
interface Entry {
  readonly start_time: number;
  readonly last_request_timestamp: number;
  readonly num_requests: number;
  readonly num_failures: number;
  readonly response_times: Readonly<Record<string, number>>;
}

export function locust(place: Workplace): Peer {
  const venv = join(place.shelf, "locust");
  const fetched = join(venv, "bin/locust");
  let program = fetched;
  return {
    name: "Locust",
    work: "a name, failures by status, statistics (FastHttpUser)",
    prepare: async () => {
      const found = findProgram({ program: "locust", variable: "LOCUST_BIN", fetched });
      if (found === undefined) await install(place, venv);
      program = found ?? fetched;
      const { stdout } = await place.anywhere(program, ["--version"], { boundMs: 60_000 });
      const [, version, python] = /locust (\S+).*?(Python [\d.]+)?\)?\s*$/.exec(stdout) ?? [];
      return `${version ?? stdout.trim()}${python === undefined ? "" : ` (${python})`}`;
    },
    run: async (url, seconds) => {
      const file = join(place.folder, "locustfile.py");
      writeFileSync(file, script);
      const users = String(CONNECTIONS);
      const load = ["-u", users, "-r", users, "-t", `${seconds}s`, "--host", url];
      const args = ["-f", file, "--headless", "--json", "--only-summary", ...load];
      const { stdout, stderr } = await place.pinned(program, args, { boundMs: runBoundMs(seconds) });
      return figuresOf(stdout, stderr);
    },
  };
}

async function install(place: Workplace, venv: string): Promise<void> {
  place.say(`pip install locust into ${venv}`);
  rmSync(venv, { recursive: true, force: true }); // half of one may be there
  mkdirSync(place.shelf, { recursive: true });
  const run = { boundMs: FETCH_BOUND_MS };
  await place.anywhere("python3", ["-m", "venv", venv], run);
  const quiet = ["--quiet", "--disable-pip-version-check"];
  await place.anywhere(join(venv, "bin/pip"), ["install", ...quiet, "locust"], run);
}

function figuresOf(stdout: string, stderr: string): PeerFigures {
  const [entry] = JSON.parse(stdout) as [Entry];
  return {
    requests: entry.num_requests,
    seconds: entry.last_request_timestamp - entry.start_time,
    failed: entry.num_failures,
    p99Ms: quantile(entry.response_times, 0.99),
    note: /WARNING\/\S+ (.*CPU.*)/.exec(stderr)?.[1],
  };
}

function quantile(histogram: Readonly<Record<string, number>>, q: number): number | undefined {
  const buckets = Object.entries(histogram).map(([ms, count]) => ({ ms: Number(ms), count }));
  let left = q * buckets.reduce((sum, { count }) => sum + count, 0);
  return buckets.toSorted((a, b) => a.ms - b.ms).find(({ count }) => (left -= count) <= 0)?.ms;
}
