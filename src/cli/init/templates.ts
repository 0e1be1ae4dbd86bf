/**
 * The files of the starter. They are texts here, not files, so that compiling and packing the program cannot change or
 * lose them; a test runs the script and checks all types.
 */
import type { ProgramTypes } from "./program-types.ts";

export const SCRIPT = `/**
 * A load test of the server at BASE_URL:
 *
 *     mesh run script.ts --env BASE_URL=http://127.0.0.1:8080
 */
import { check, http, sleep, type Options } from "loadmesh";

// The module scope runs once per VU, so keep it small.
const base = __ENV["BASE_URL"] ?? missing("BASE_URL", "http://127.0.0.1:8080");

export const options: Options = {
  // Ten VUs, each of which loops for ten seconds. On the command line: --vus 50 --duration 1m
  vus: 10,
  duration: "10s",

  // What must hold for this test to pass; otherwise mesh exits with 99.
  thresholds: {
    checks: ["rate>0.99"],
    http_req_failed: ["rate<0.01"],
    http_req_duration: ["p(95)<500"],
  },
};

/** One iteration of a VU. */
export default async function (): Promise<void> {
  const response = await http.get(\`\${base}/\`, { tags: { name: "home" } });
  check(response, { "the status is 200": (r) => r.status === 200 });

  // A user looks at the page before the next click.
  await sleep(0.5 + Math.random());
}

function missing(name: string, example: string): never {
  throw new Error(\`\${name} is not set. Say what to test: mesh run script.ts --env \${name}=\${example}\`);
}
`;

export const CONFIG = `/**
 * What flags would say, for every mesh command in this folder. A flag wins over a MESH_… variable, and both win over
 * this file. What the load is, and what must hold, stands in the script.
 */
import { defineConfig } from "loadmesh";

export default defineConfig({
  // The mesh to use; without one, mesh starts all it needs on this machine.
  // nats: "nats://hub.example.test:4222",
  // creds: "hub.creds",
  // context: "staging",

  // Who shares the load: zones with their weights, and agents in all.
  // zones: "eu=2,us",
  // agents: 3,

  // Values for the script's __ENV.
  // env: { BASE_URL: "http://127.0.0.1:8080" },

  // How results are told, whether they land in the history for mesh sql, and what the run is labelled with.
  // reporter: ["default"],
  // history: false,
  // labels: { team: "checkout" },
});
`;

/** Types only: mesh bundles and runs scripts itself, whatever this says. */
export function tsconfig(types: ProgramTypes | undefined): string {
  const options = {
    target: "es2024",
    lib: ["es2024", "dom"],
    module: "esnext",
    moduleResolution: "bundler",
    strict: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    ...(types === undefined ? {} : { paths: { loadmesh: [types.entry] } }),
    ...(types?.typeRoot === undefined ? {} : { typeRoots: [types.typeRoot], types: ["node"] }),
  };
  return `${JSON.stringify({ compilerOptions: options, include: ["*.ts"] }, null, 2)}\n`;
}

export const packageJson = (name: string): string =>
  `${JSON.stringify({ name, private: true, type: "module" }, null, 2)}\n`;

export const GITIGNORE = ["node_modules/", "summary.json", ".env"] as const;

/** Where CI gets mesh from. */
export interface Program {
  readonly version: string;
  readonly isPublished: boolean;
}

/** A name that nobody holds on the registry must not be installed by it: it could be anybody's one day. */
const install = ({ isPublished, version }: Program): string =>
  isPublished
    ? `      - run: npm install --no-save loadmesh@${version}`
    : `      # loadmesh is not on npm yet: make this file with npm pack in its checkout, and commit it here.
      - run: npm install --no-save ./loadmesh-${version}.tgz`;

export const workflow = (
  program: Program,
): string => `# Runs script.ts on a machine of GitHub: by hand, every night, and when it changes. A threshold that does not hold
# fails the job (exit code 99).
name: load test

on:
  workflow_dispatch:
  schedule:
    - cron: "17 3 * * *"
  pull_request:
    paths: ["script.ts", "mesh.config.ts"]

permissions:
  contents: read

# Two runs against one server would measure each other.
concurrency: load-test

jobs:
  load-test:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-node@v5
        with:
          node-version: 24
${install(program)}
      # The server to test: Settings > Secrets and variables > Actions > Variables.
      - run: npx mesh run script.ts --env "BASE_URL=$BASE_URL"
        env:
          BASE_URL: \${{ vars.BASE_URL }}
`;
