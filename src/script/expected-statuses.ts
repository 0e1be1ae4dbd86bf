/**
 * Which statuses a request may have without having failed: `http.expectedStatuses(200, { min: 300, max: 399 })`, as in
 * k6. By default those from 200 to 399.
 */
import type { ExpectedStatuses, StatusRange } from "./http-types.ts";

export class StatusSet implements ExpectedStatuses {
  readonly #ranges: readonly StatusRange[];

  constructor(ranges: readonly StatusRange[]) {
    this.#ranges = ranges;
  }

  has(status: number): boolean {
    for (const { min, max } of this.#ranges) if (status >= min && status <= max) return true;
    return false;
  }
}

export const DEFAULT_STATUSES = new StatusSet([{ min: 200, max: 399 }]);

/** What a digest login is first answered with. */
export const CHALLENGE = new StatusSet([{ min: 401, max: 401 }]);

const isStatus = (value: unknown): value is number => Number.isInteger(value);

/** @throws TypeError for what is neither a status nor a range of them */
export function expectedStatuses(...statuses: readonly (number | StatusRange)[]): StatusSet {
  if (statuses.length === 0)
    throw new TypeError("http.expectedStatuses(): give at least one status or range");
  const ranges = statuses.map((each) => {
    const { min, max } = typeof each === "number" ? { min: each, max: each } : (each ?? {});
    if (isStatus(min) && isStatus(max) && min <= max) return { min, max };
    throw new TypeError(
      `http.expectedStatuses(): ${JSON.stringify(each)} is neither a status nor { min, max } of whole numbers`,
    );
  });
  return new StatusSet(ranges);
}

/** What a script gave as a response callback. @throws TypeError for what is none */
export function callbackOf(where: string, given: unknown): StatusSet | null {
  if (given === null || given instanceof StatusSet) return given;
  throw new TypeError(`${where} takes http.expectedStatuses(…), or null to measure no failures`);
}
