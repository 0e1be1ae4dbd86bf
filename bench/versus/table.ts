/**
 * Measured rounds as a Markdown table and as JSON. Medians lead; every single figure is printed below, since a median
 * alone hides how noisy a machine was. It measures nothing.
 */
import { arch, cpus, loadavg, release } from "node:os";
import type { PeerFigures, Unavailable } from "./peer.ts";
import type { Witness } from "./target.ts";

/** One run of a peer: what it says, what the target saw, what it took. */
export interface Round {
  readonly own: PeerFigures;
  readonly witness: Witness;
  readonly peakMiB: number;
}

export interface Line {
  readonly name: string;
  readonly work: string;
  readonly version: string | Unavailable;
  readonly rounds: readonly Round[];
  /** Why rounds are missing. */
  readonly failures: readonly string[];
}

/** From here on the target is likely to be what limits a peer, and a figure is a lower bound. */
const TARGET_BUSY_LIMIT = 0.9;

/** A load average at the start above which the machine was not the bench's own. */
const BUSY_LOAD = 0.5;

/** Requests per second as the target saw them, from the first to the last: starting and ending are no part of it. */
export const ratePerSecond = ({ witness }: Round): number =>
  witness.seconds > 0 ? witness.requests / witness.seconds : 0;
const busyShare = ({ witness }: Round): number =>
  witness.seconds > 0 ? witness.cpuSeconds / witness.seconds : 0;

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted.length >> 1;
  const high = sorted[upper] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : (high + (sorted[upper - 1] ?? Number.NaN)) / 2;
}

const whole = (value: number): string => Math.round(value).toLocaleString("en-US");

const HEAD = [
  "peer",
  "version",
  "requests/s",
  "ours ÷ peer",
  "p99",
  "failed",
  "memory",
  "target busy",
  "own count against the target's",
  "work per request",
];

/** The table, then the single figures, then what the peers or the bench have to say. */
export function markdown(lines: readonly Line[], ourName: string): string {
  const ours = median(lines.find(({ name }) => name === ourName)?.rounds.map(ratePerSecond) ?? []);
  const rows = lines.map((line) => rowOf(line, line.name === ourName ? Number.NaN : ours));
  const table = [HEAD, HEAD.map((_, i) => (i >= 2 && i <= 8 ? "--:" : "---")), ...rows];
  return [
    ...table.map((cells) => `| ${cells.join(" | ")} |`),
    "",
    ...lines.flatMap(singleFigures),
    ...lines.flatMap(remarks),
  ].join("\n");
}

function rowOf({ name, version, rounds, work, failures }: Line, ours: number): readonly string[] {
  const blank = (why: string) => [name, why, ...Array.from({ length: 7 }, () => "–"), work];
  if (typeof version !== "string")
    return blank(`not measured: ${version.unavailable.replaceAll(/\s+/g, " ")}`);
  if (rounds.length === 0) return blank(`${version}, no round succeeded (${failures.length} failed)`);
  const of = (pick: (round: Round) => number): number => median(rounds.map(pick));
  const rate = of(ratePerSecond);
  const busy = of(busyShare);
  const p99Ms = of(({ own }) => own.p99Ms ?? Number.NaN);
  const ratio = ours / rate;
  const difference = of(({ own, witness }) => own.requests / witness.requests - 1);
  return [
    name,
    version,
    `${busy > TARGET_BUSY_LIMIT ? "≥ " : ""}${whole(rate)}`,
    Number.isNaN(ratio) ? "–" : `${ratio.toFixed(2)} ×`,
    Number.isNaN(p99Ms) ? "–" : `${p99Ms.toFixed(1)} ms`,
    whole(rounds.reduce((sum, { own }) => sum + own.failed, 0)),
    `${whole(of(({ peakMiB }) => peakMiB))} MiB`,
    `${(busy * 100).toFixed(0)} %`,
    `${difference < 0 ? "−" : "+"}${(Math.abs(difference) * 100).toFixed(3)} %`,
    work,
  ];
}

function singleFigures({ name, rounds }: Line): readonly string[] {
  return rounds.length === 0
    ? []
    : [`- ${name}: ${rounds.map((one) => whole(ratePerSecond(one))).join(", ")}`];
}

function remarks({ name, rounds, failures }: Line): readonly string[] {
  const notes = new Set(rounds.flatMap(({ own }) => own.note ?? []));
  const connections = Math.max(0, ...rounds.map(({ witness }) => witness.connections));
  const busy = rounds.length > 0 && median(rounds.map(busyShare)) > TARGET_BUSY_LIMIT;
  return [
    ...(busy ? [`- ${name}: the target had no time left, so this figure is a lower bound (≥)`] : []),
    ...[...notes].map((note) => `- ${name} says: ${note}`),
    ...(connections > 60 ? [`- ${name} opened up to ${connections} connections`] : []),
    ...failures.map((why) => `- ${name}: a round failed: ${why.replaceAll(/\s+/g, " ")}`),
  ];
}

/** What a reader must know of the machine and the load before the figures. */
export function heading(rounds: number, seconds: number, connections: number): string {
  const { model = "unknown CPU" } = cpus()[0] ?? {};
  const [load = 0] = loadavg();
  const busy = load > BUSY_LOAD ? " (other work is running: repeat this on a quiet machine)" : "";
  return (
    `${new Date().toISOString().slice(0, 10)}, ${model.trim()}, ${cpus().length} cores, Linux ${release()} ${arch()}, ` +
    `load average ${load.toFixed(2)} at the start${busy}. Keep-alive GET of 2 bytes over ${connections} connections for ` +
    `${seconds} s, each peer alone on one core, the target on the other; median of ${rounds}, order rotated.`
  );
}

/** Every figure of every round, for other programs. */
export const asJson = (lines: readonly Line[]): string =>
  JSON.stringify(
    lines.map(({ name, version, work, rounds, failures }) => {
      const ratesPerSecond = rounds.map(ratePerSecond);
      const medianPerSecond = rounds.length === 0 ? null : median(ratesPerSecond);
      return { name, version, work, medianPerSecond, ratesPerSecond, rounds, failures };
    }),
    undefined,
    2,
  );
