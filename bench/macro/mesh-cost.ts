/**
 * What the mesh costs: CPU of root, zone and broker while one agent runs at full speed, as a share of the agent's own
 * (with its worker). A whole `mesh run` has one core, the target the other. Relies on Linux, taskset and two cores.
 *
 *     npm run bench:mesh-cost -- [--rounds 5] [--seconds 20]
 */
import { execFileSync } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { cpuSeconds } from "../proc.ts";
import { CONNECTIONS, TARGET_CORE } from "../versus/peer.ts";
import { median } from "../versus/table.ts";
import { startTarget, type Target } from "../versus/target.ts";
import { ROLES, type Role, type Roles, startMeshRun } from "./mesh-run.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "5" }, seconds: { type: "string", default: "20" } },
});
const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];
const WARM_UP_S = 5;
const LIMIT = 0.05;

const scriptFor = (url: string): string => `import { check, http } from "loadmesh";
export const options = { vus: ${CONNECTIONS}, duration: "${WARM_UP_S + seconds + 2}s" };
export default async () => {
  const res = await http.get("${url}/", { tags: { name: "root" } });
  check(res, { "is 200": (r) => r.status === 200 });
};
`;

type Shares = Readonly<Record<Role, number>>;

interface Round {
  /** Shares of a core. */
  readonly shares: Shares;
  readonly perSecond: number;
}

async function round(target: Target): Promise<Round> {
  const run = startMeshRun(scriptFor(target.url));
  try {
    const roles = await run.roles();
    await loaded(target, run.hasEnded);
    await pause(WARM_UP_S * 1000);
    await target.take();
    const [before, began] = [cpuOf(roles), performance.now()];
    await pause(seconds * 1000);
    const [after, tookS] = [cpuOf(roles), (performance.now() - began) / 1000];
    const { requests } = await target.take();
    const { code, text } = await run.end;
    if (code !== 0) throw new Error(`mesh run ended with ${code}:\n${text}`);
    const shares = Object.fromEntries(
      ROLES.map((role) => [role, (after[role] - before[role]) / tookS]),
    ) as Shares;
    return { shares, perSecond: requests / tookS };
  } finally {
    await run.dispose();
  }
}

/** Resolves when the first requests have come. */
async function loaded(target: Target, hasEnded: () => boolean): Promise<void> {
  for (;;) {
    if (hasEnded()) throw new Error("mesh run ended before it sent anything");
    if ((await target.take()).requests > 0) return;
    await pause(100);
  }
}

const cpuOf = (roles: Roles): Record<Role, number> =>
  Object.fromEntries(
    ROLES.map((role) => [role, roles[role].reduce((sum, pid) => sum + cpuSeconds(pid), 0)]),
  ) as Record<Role, number>;

const costOf = ({ shares: { root, zone, broker, agent, worker } }: Round): number =>
  (root + zone + broker) / (agent + worker);

execFileSync("taskset", ["-acp", String(TARGET_CORE), String(process.pid)], { stdio: "ignore" });
const target = await startTarget();
const done: Round[] = [];
try {
  for (let n = 0; n < rounds; n++) {
    const one = await round(target);
    done.push(one);
    console.error(
      `round ${n + 1}: ${(costOf(one) * 100).toFixed(2)} %, ${Math.round(one.perSecond)} requests/s`,
    );
  }
} finally {
  await target.stop();
}
const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
console.log(`CPU while one agent runs at full speed, medians of ${rounds} × ${seconds} s, % of a core:`);
for (const role of ROLES)
  console.log(`${role.padEnd(8)} ${percent(median(done.map(({ shares }) => shares[role]))).padStart(8)}`);
const cost = median(done.map(costOf));
console.log(
  `root + zone + broker: ${percent(cost)} of agent + worker, limit ${percent(LIMIT)}: ${(cost / LIMIT).toFixed(2)} of it ` +
    `(${Math.round(median(done.map(({ perSecond }) => perSecond)))} requests/s)`,
);
