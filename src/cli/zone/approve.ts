/** `mesh zone approve`: what a script is, for the eyes of a zone's owner, and its hash in the owner's guard file. */
import { forecastOf } from "../../domain/forecast/forecast.ts";
import { printableLine } from "../../domain/printable.ts";
import { durationText } from "../../domain/plan/duration.ts";
import { planRun } from "../../domain/plan/normalize.ts";
import { readEnv } from "../run/options.ts";
import { examineScript } from "../run/script.ts";
import { shellWord } from "../shell-word.ts";
import { approveIn } from "./guard-file.ts";

export interface ApproveFlags {
  readonly zone: string;
  /** A script, or the SHA-256 of a bundle. */
  readonly what: string;
  readonly file: string;
  readonly env: readonly string[];
}

export interface Approved {
  readonly zone: string;
  readonly sha256: string;
  readonly file: string;
  /** False when it was approved before. */
  readonly isNew: boolean;
  /** User id of the guard file's owner, where that could not be kept. */
  readonly formerOwner?: number;
  /** What it is, a line each; none where only the hash was given. */
  readonly details: readonly string[];
}

const HASH = /^[0-9a-f]{64}$/;

export async function approve({ env, file, what, zone }: ApproveFlags): Promise<Approved> {
  const { details, sha256 } = HASH.test(what) ? { sha256: what, details: [] } : await looked(what, zone, env);
  return { zone, sha256, file, ...approveIn(file, zone, sha256), details };
}

/** The script as a run would take it. */
async function looked(script: string, zone: string, env: readonly string[]) {
  const zones = [{ zone, weight: 1 }];
  const place = { zones, agents: 1, embedded: false, labels: {} };
  const { request } = await examineScript({ script, env: readEnv(env), ...place });
  const planned = planRun(request);
  const load = planned.ok ? forecastOf(planned.plan) : undefined;
  const targets = planned.ok ? planned.plan.http?.targets : undefined;
  const details = [
    ["script", script],
    ...(load === undefined
      ? []
      : [["load", `up to ${load.vusMax} VUs for ${durationText(load.durationMs)}`]]),
    ["targets", targets?.join(", ") ?? "any: options.targets does not say"],
    ...(request.files ?? []).map((each) => [
      "data file",
      `${each.name}, ${each.bytes} bytes, ${each.sha256}`,
    ]),
    ["environment", request.env.join(", ") || "no values were given"],
  ].map(([name = "", value = ""]) => `${name.padEnd(12)}  ${value}`);
  return { sha256: request.bundle, details };
}

export function approvedText({ details, file, formerOwner, isNew, sha256, zone }: Approved): string {
  const lines = [
    ...details,
    `${"bundle".padEnd(12)}  ${sha256}`,
    "",
    `${isNew ? "approved" : "was approved already"} in zone ${zone}: ${file}`,
    "The hash is of the code with all that it imports. Data files and values of --env are not part of it.",
    ...(formerOwner === undefined ? [] : [ownerText(file, formerOwner)]),
  ];
  return `${lines.map(printableLine).join("\n")}\n`;
}

/** A zone that cannot read the file takes no run. */
const ownerText = (file: string, formerOwner: number): string =>
  `The file belongs to you now, and not to user ${formerOwner} any more: see that the zone can still read it (chown ${formerOwner} ${shellWord(file)}).`;
