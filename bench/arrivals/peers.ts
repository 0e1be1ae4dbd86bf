/**
 * Peers with an open model: k6 where it may be used, and vegeta, whose only business is a constant rate; fetched by
 * `go install` where it is not in PATH. autocannon has none: its rate waits for its connections.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../versus/find-program.ts";
import { runBoundMs, type Unavailable, type Workplace } from "../versus/peer.ts";
import { prepareK6 } from "../versus/peers/k6.ts";

export interface OpenPeer {
  readonly version: string;
  /** Sends `rate` a second to the URL; what it says of its own drops. */
  readonly run: (url: string, rate: number, seconds: number, vus: number) => Promise<string>;
}

const VEGETA = "github.com/tsenart/vegeta/v12@latest";
const BUILD_BOUND_MS = 300_000;

export async function vegeta(place: Workplace): Promise<OpenPeer | Unavailable> {
  const fetched = join(place.shelf, "vegeta");
  let program = findProgram({ program: "vegeta", variable: "VEGETA_BIN", fetched });
  if (program === undefined) {
    place.say(`go install ${VEGETA} into ${place.shelf}`);
    mkdirSync(place.shelf, { recursive: true });
    const where = { boundMs: BUILD_BOUND_MS, cwd: place.folder, env: { GOBIN: place.shelf } };
    await place.anywhere("go", ["install", VEGETA], where);
    program = fetched;
  }
  const vegetaProgram = program;
  const { stdout } = await place.anywhere("go", ["version", "-m", vegetaProgram], { boundMs: 10_000 });
  return {
    version: `vegeta ${/mod\s+\S+vegeta\S*\s+v(\S+)/.exec(stdout)?.[1] ?? "(version unknown)"}`,
    run: async (url, rate, seconds, vus) => {
      const targets = join(place.folder, "targets");
      writeFileSync(targets, `GET ${url}/a\n`);
      const results = join(place.folder, "results");
      const load = [`-rate=${rate}`, `-duration=${seconds}s`, `-workers=${vus}`, `-max-workers=${vus}`];
      const args = ["attack", `-targets=${targets}`, ...load, "-keepalive=true", `-output=${results}`];
      await place.pinned(vegetaProgram, args, {
        boundMs: runBoundMs(seconds),
        env: { GOMAXPROCS: "1" },
      });
      const report = ["report", "-type=text", results];
      const { stdout: text } = await place.anywhere(vegetaProgram, report, { boundMs: 60_000 });
      return /^Success.*$/m.exec(text)?.[0].replaceAll(/\s+/g, " ") ?? "";
    },
  };
}

export async function k6Open(place: Workplace): Promise<OpenPeer | Unavailable> {
  const found = await prepareK6(place);
  if ("unavailable" in found) return found;
  return {
    version: `k6 ${found.version}`,
    run: async (url, rate, seconds, vus) => {
      const script = join(place.folder, "arrivals.js");
      const summary = join(place.folder, "arrivals.json");
      writeFileSync(script, scriptFor({ url, rate, seconds, vus, summary }));
      const { stdout } = await place.pinned(found.program, ["run", "--quiet", script], {
        boundMs: runBoundMs(seconds),
        env: { GOMAXPROCS: "1", K6_NO_USAGE_REPORT: "true" },
      });
      return stdout.trim();
    },
  };
}

const scriptFor = (of: {
  readonly url: string;
  readonly rate: number;
  readonly seconds: number;
  readonly vus: number;
  readonly summary: string;
}): string => `import http from "k6/http";
import exec from "k6/execution";
const executor = "constant-arrival-rate";
const arrivals = { executor, rate: ${of.rate}, duration: "${of.seconds}s", preAllocatedVUs: ${of.vus} };
export const options = { scenarios: { arrivals } };
export default function () {
  http.get("${of.url}/a/" + exec.scenario.iterationInTest, { tags: { name: "slot" } });
}
export function handleSummary({ metrics }) {
  const { dropped_iterations } = metrics;
  return { stdout: \`dropped \${dropped_iterations ? dropped_iterations.values.count : 0}\` };
}
`;
