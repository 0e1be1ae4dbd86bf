/**
 * `guard.json`: what the owner of a zone writes down, and how it is read. Everything that is wrong with it is told with its
 * place; a file that cannot be read whole allows nothing. Pure: the text comes from whoever has the file.
 */
import type { Guard } from "../../../streams/schema/guard.ts";
import type { Problem } from "../../../streams/schema/plan.ts";
import { targetEntry } from "../plan/address-options.ts";
import { defaulted, optional, readObject, type Reader } from "../plan/field.ts";
import { nearest } from "../plan/nearest.ts";
import { placeAt } from "../plan/place.ts";
import { duration, flag, listOf, text, wholeNumber } from "../plan/reader.ts";
import { GROUP_NAMES, isGroup } from "./denied-groups.ts";
import { targetRule } from "./target-rule.ts";

/** What a guard file says: the guard as it travels, and whose scripts may run. */
export interface GuardFile {
  readonly guard: Guard;
  readonly requireApproval: boolean;
  /** SHA-256 of bundles, lower-case hex. */
  readonly approved: readonly string[];
}

const RATE_MAX = 10_000_000;
const REQUESTS_MAX = Number.MAX_SAFE_INTEGER;
const VUS_MAX = 10_000_000;

const deniedEntry: Reader<string> = (value, at) => {
  if (typeof value === "string" && isGroup(value)) return value;
  const entry = text(value, at);
  if (entry === undefined) return entry;
  // A group that is misspelled would be the name of a host that nobody has.
  const meant = nearest(entry, GROUP_NAMES);
  if (meant !== undefined) return at.report(`is no group: "${entry}"`, `did you mean \`${meant}\`?`);
  if (targetRule(entry) !== undefined) return entry;
  return at.report(
    `must be a target or a group, but is ${JSON.stringify(entry)}`,
    `groups: ${GROUP_NAMES.join(", ")}`,
  );
};

const hash: Reader<string> = (value, at) => {
  const given = text(value, at);
  if (given === undefined || /^[0-9a-f]{64}$/.test(given)) return given;
  return at.report("must be the SHA-256 of a bundle: 64 digits, lower case", "mesh zone approve writes it");
};

const shape = {
  fields: {
    targets: optional(listOf(targetEntry)),
    deny: optional(listOf(deniedEntry)),
    allowDenied: optional(listOf(deniedEntry)),
    maxRate: optional(wholeNumber(1, RATE_MAX)),
    maxRequests: optional(wholeNumber(1, REQUESTS_MAX)),
    maxVus: optional(wholeNumber(1, VUS_MAX)),
    maxDuration: optional(duration(1)),
    requireApproval: defaulted(flag, false),
    approved: defaulted(listOf(hash), [] as readonly string[]),
  },
  noun: "guard rail",
  notYet: {},
};

export type GuardRead =
  | { readonly ok: true; readonly file: GuardFile }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** @param content of the file @param zone whose owner wrote it */
export function readGuardFile(content: string, zone: string): GuardRead {
  const problems: Problem[] = [];
  const at = placeAt("", problems);
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    return { ok: false, problems: [{ path: "", message: `is not JSON: ${(error as Error).message}` }] };
  }
  const fields = readObject(shape, value, at);
  if (fields === undefined) return { ok: false, problems };
  const { approved, maxDuration, requireApproval, ...rails } = fields;
  const given = Object.entries(rails).filter(([, rail]) => rail !== undefined);
  const limit = maxDuration === undefined ? {} : { maxDurationMs: maxDuration };
  return {
    ok: true,
    file: { guard: { zone, ...Object.fromEntries(given), ...limit }, requireApproval, approved },
  };
}

/** Problems as one line each: `guard.json: maxRate must be …`. */
export const problemLines = (name: string, problems: readonly Problem[]): readonly string[] =>
  problems.map(({ hint, message, path }) => {
    const where = path === "" ? "" : `${path} `;
    return `${name}: ${where}${message}${hint === undefined ? "" : `; ${hint}`}`;
  });
