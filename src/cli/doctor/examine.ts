/**
 * `mesh doctor`: all checks at once, each within a bound. A check that breaks or does not end is a finding like any
 * other. Starts nothing and leaves nothing behind.
 */
import type { PlaceFlags } from "../place.ts";
import { CHECKS } from "./checks.ts";
import { type Check, fail, failureOf, type Finding } from "./finding.ts";
import { type Patient, patientOf } from "./patient.ts";

/** Longer than the bounds of the questions themselves, which know better what was not answered. */
const LOOK_WITHIN_MS = 7500;

export interface Diagnosis {
  /** Nothing is wrong that keeps a mesh from being used. */
  readonly ok: boolean;
  readonly checks: readonly Finding[];
}

/** Takes as long as its slowest check, and never longer than the bound. */
export async function examine(
  flags: PlaceFlags,
  checks: readonly Check[] = CHECKS,
  withinMs: number = LOOK_WITHIN_MS,
): Promise<Diagnosis> {
  const abort = new AbortController();
  const patient = patientOf(flags, abort.signal);
  const looks = checks.map((check) => lookWithin(check, patient, abort.signal, withinMs));
  const findings = (await Promise.all(looks)).flat();
  abort.abort();
  return { ok: findings.every(({ status }) => status !== "fail"), checks: findings };
}

async function lookWithin(
  { hint, look, name }: Check,
  patient: Patient,
  signal: AbortSignal,
  withinMs: number,
): Promise<readonly Finding[]> {
  const late = Promise.withResolvers<readonly Finding[]>();
  const answer = [fail(name, `no answer within ${Math.round(withinMs / 1000)} s`, hint)];
  const timer = setTimeout(() => late.resolve(answer), withinMs);
  try {
    return await Promise.race([look(patient, signal), late.promise]);
  } catch (error) {
    return [failureOf(name, error, hint)];
  } finally {
    clearTimeout(timer);
  }
}
