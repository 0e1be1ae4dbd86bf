/** This machine and this program: platform, Node, version, cores, memory, open files. Asks the system only. */
import { availableParallelism, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import pjson from "../../../package.json" with { type: "json" };
import { PROTOCOL } from "../../../streams/version.ts";
import { runProgram } from "../../keeper/run-program.ts";
import { type Finding, ok } from "./finding.ts";
import { judgeMachine, judgeNode, judgeOpenFiles, judgePlatform } from "./judge.ts";
import type { Patient } from "./patient.ts";

export const platform = (): readonly Finding[] => [judgePlatform(process.platform, process.arch)];

export function node({ env }: Patient): readonly Finding[] {
  const isBundled = /[\\/]node_modules[\\/]node-[a-z]+-[a-z0-9]+[\\/]/.test(process.execPath);
  const whence = env["MESH_NODE"] ? "named by MESH_NODE" : isBundled ? "brought by npm" : "from PATH";
  return [judgeNode(process.version, `${whence}: ${process.execPath}`)];
}

const programFolder = join(dirname(fileURLToPath(import.meta.url)), "../../..");

export const version = (): readonly Finding[] => [
  ok("mesh", `${pjson.version}, protocol ${PROTOCOL}, in ${programFolder}`),
];

export const cores = (): readonly Finding[] => [
  judgeMachine(
    availableParallelism(),
    process.availableMemory(),
    Math.min(process.constrainedMemory() || Infinity, totalmem()),
  ),
];

/** Node raises its limit to the most that it may; a child of it has the same, and so have agents and workers. */
export async function files(): Promise<readonly Finding[]> {
  const printed = await runProgram("/bin/sh", ["-c", "ulimit -n"], { boundMs: 2000 });
  const most = Number(printed.trim());
  return [judgeOpenFiles(Number.isFinite(most) ? most : undefined)];
}
