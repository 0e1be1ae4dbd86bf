/** Versions of server programs, as they print them, and whether Mesh runs on them. Pure. */
import { NATS_SERVER_MINIMUM } from "../../streams/version.ts";

export interface ProgramVersion {
  readonly numbers: readonly [number, number, number];
  /** True for a beta or release candidate, which comes before the release of the same numbers. */
  readonly preview: boolean;
}

/** The first version in a text such as "nats-server: v2.15.1" or "2.15.1-1+b2"; undefined if there is none. */
export function parseVersion(text: string): ProgramVersion | undefined {
  const found = /(\d+)\.(\d+)\.(\d+)([-~](?:rc|beta|alpha|preview|dev))?/i.exec(text);
  if (found === null) return undefined;
  return { numbers: [Number(found[1]), Number(found[2]), Number(found[3])], preview: found[4] !== undefined };
}

/** Negative if `a` is older than `b`, positive if newer, 0 if the same. */
export function compareVersions(a: ProgramVersion, b: ProgramVersion): number {
  for (const place of [0, 1, 2] as const) {
    const difference = a.numbers[place] - b.numbers[place];
    if (difference !== 0) return difference;
  }
  return Number(b.preview) - Number(a.preview);
}

/** Whether a nats-server keeps what we rely on. */
export const isNewEnough = (version: ProgramVersion): boolean => compareVersions(version, minimum) >= 0;

/** `NATS_SERVER_MINIMUM` as a version. */
export const minimum: ProgramVersion = parseVersion(NATS_SERVER_MINIMUM) ?? {
  numbers: [0, 0, 0],
  preview: false,
};

export function versionText(version: ProgramVersion): string {
  return `${version.numbers.join(".")}${version.preview ? "-preview" : ""}`;
}
