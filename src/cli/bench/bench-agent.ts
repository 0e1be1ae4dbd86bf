/** `mesh bench --agent`: measures, keeps the figures for `mesh plan`, and shows them. */
import type { Capacity } from "../../domain/forecast/capacity.ts";
import { bytesText, percentText } from "../../domain/summary/figures.ts";
import { dotted, type Page, paragraph, type Row, title } from "../../domain/summary/text-layout.ts";
import { measureAgent, type Measured } from "../../wiring.ts";
import { rateText } from "../plan/need-text.ts";
import { writeCapacity } from "./capacity-file.ts";

export interface BenchResult extends Measured {
  /** Where the figures are kept. */
  readonly file: string;
}

export async function benchAgent(seconds: number, note: (line: string) => void): Promise<BenchResult> {
  const measured = await measureAgent(seconds, note);
  return { ...measured, file: await writeCapacity(measured.capacity) };
}

export function benchText(measured: BenchResult, page: Page): string {
  const { capacity, file } = measured;
  const { machine, memory, perCore } = capacity;
  const rows: readonly Row[] = [
    ["closed loop", `${rateText(perCore.closedPerSecond)} per core`],
    ["open model", ...openWords(measured)],
    ["memory", `${bytesText(memory.vuBytes)} per VU,`, `${bytesText(memory.workerBytes)} per worker`],
    ["machine", ...machineWords(machine)],
  ];
  const what =
    "Iterations of one keep-alive GET and one check each, with all metrics on: one worker on one core, over loopback, the target in a process of its own.";
  return [
    "",
    ...title("WHAT AN AGENT CARRIES HERE", page),
    ...dotted(rows, "    ", page),
    "",
    ...paragraph(what, "    ", page),
    ...paragraph(`Kept for mesh plan in ${file}`, "    ", page),
    "",
    "",
  ].join("\n");
}

function openWords({ capacity, steps }: Measured): readonly string[] {
  const { openPerSecond } = capacity.perCore;
  const [slowest = { perSecond: 0, inTime: 0 }] = steps;
  const { inTime, perSecond } = steps.find((each) => each.perSecond === openPerSecond) ?? slowest;
  const started = `${percentText(inTime)} started within 1 ms`;
  if (openPerSecond !== null) return [`${rateText(openPerSecond)} per core,`, started];
  const unknown = ["unknown: this machine is too busy,", `at ${rateText(perSecond)} only ${started};`];
  return [...unknown, "end other programs, and measure again"];
}

const machineWords = ({
  cores,
  cpu,
  memoryBytes,
  node,
  platform,
}: Capacity["machine"]): readonly string[] => [
  `${cpu},`,
  `${cores === 1 ? "one core" : `${cores} cores`},`,
  `${bytesText(memoryBytes)},`,
  `Node ${node},`,
  platform,
];
