/**
 * k6, with one check and one tag per request and all its metrics: what the mesh does, in k6's words.
 * Taken from K6_BIN or PATH; built by `go install` only with `--fetch-k6`, newest major version first.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../find-program.ts";
import { CONNECTIONS, type Peer, runBoundMs, type Unavailable, type Workplace } from "../peer.ts";
import { figuresFromSummary } from "./k6-summary.ts";

const MODULES = ["go.k6.io/k6/v2@latest", "go.k6.io/k6@latest"];
const BUILD_BOUND_MS = 300_000;

export function k6(place: Workplace): Peer {
  let program = "k6";
  return {
    name: "k6",
    work: "a check, a tag, all metrics",
    prepare: async () => {
      const found = await prepareK6(place);
      if ("unavailable" in found) return found;
      program = found.program;
      return found.version;
    },
    run: async (url, seconds) => {
      const summary = join(place.folder, "k6.json");
      const script = join(place.folder, "k6.js");
      writeFileSync(script, scriptFor(url, seconds, summary));
      await place.pinned(program, ["run", "--quiet", script], {
        boundMs: runBoundMs(seconds),
        env: { GOMAXPROCS: "1", K6_NO_USAGE_REPORT: "true" },
      });
      return figuresFromSummary(summary);
    },
  };
}

export interface K6 {
  readonly program: string;
  readonly version: string;
}

/** Finds it, or builds it where that is allowed. */
export async function prepareK6(place: Workplace): Promise<K6 | Unavailable> {
  const fetched = join(place.shelf, "k6");
  const found = findProgram({ program: "k6", variable: "K6_BIN", fetched });
  if (found === undefined && !place.fetchK6) {
    return {
      unavailable: `not in PATH; name it by K6_BIN, or let \`--fetch-k6\` build it from ${MODULES.join(" or ")} (AGPL-3.0)`,
    };
  }
  const failed = found === undefined ? await build(place) : undefined;
  if (failed !== undefined) return failed;
  const program = found ?? fetched;
  const { stdout } = await place.anywhere(program, ["version"], { boundMs: 10_000 });
  return { program, version: /v(\d\S*)/.exec(stdout)?.[1] ?? stdout.trim() };
}

/** Undefined when it is there; else what each of the modules answered. */
async function build(place: Workplace): Promise<Unavailable | undefined> {
  mkdirSync(place.shelf, { recursive: true });
  const reasons: string[] = [];
  for (const module of MODULES) {
    place.say(`go install ${module} into ${place.shelf}`);
    try {
      await place.anywhere("go", ["install", module], {
        boundMs: BUILD_BOUND_MS,
        cwd: place.folder,
        env: { GOBIN: place.shelf },
      });
      return undefined;
    } catch (error) {
      reasons.push(`${module}: ${(error as Error).message.split("\n").at(-1)}`);
    }
  }
  return { unavailable: reasons.join("; ") };
}

const scriptFor = (url: string, seconds: number, summary: string): string => `import http from "k6/http";
import { check } from "k6";
export const options = { vus: ${CONNECTIONS}, duration: "${seconds}s", summaryTrendStats: ["p(99)"] };
export default function () {
  const res = http.get("${url}/", { tags: { name: "root" } });
  check(res, { "is 200": (r) => r.status === 200 });
}
export function handleSummary(data) { return { "${summary}": JSON.stringify(data) }; }
`;
