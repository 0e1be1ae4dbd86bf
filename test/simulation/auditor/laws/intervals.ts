/**
 * Laws of the interval logs: numbers without gap and never reused, everything added once, `through` the union of it; and no
 * windows of nothing once a zone has stated what it measured.
 */
import type { Violation } from "../evidence.ts";
import type { Ranges } from "../frame.ts";
import { type Carried, eventsOf, type RunView, type View, type ZoneView } from "../view.ts";

interface Log {
  readonly name: string;
  readonly carried: readonly Carried[];
  /** Resent intervals are further copies, the same to the byte. */
  readonly mayRepeat: boolean;
}

const logsOf = ({ agentIntervals, intervals, run, zoneIntervals }: RunView): readonly Log[] => [
  { name: `root's intervals of ${run}`, carried: intervals, mayRepeat: false },
  ...[...zoneIntervals].map(([zone, carried]) => ({
    name: `intervals of zone ${zone} in ${run}`,
    carried,
    mayRepeat: true,
  })),
  ...[...agentIntervals].map(([agent, carried]) => ({
    name: `intervals of agent ${agent} in ${run}`,
    carried,
    mayRepeat: true,
  })),
];

export const intervalLaws = ({ runs, zones }: View): readonly Violation[] => [
  ...runs.flatMap(logsOf).flatMap((log) => {
    const originals = withoutCopies(log);
    return [
      ...numbers(log, originals.carried),
      ...originals.violations,
      ...coverage(log.name, originals.carried),
    ];
  }),
  ...runs.flatMap((run) => zones.flatMap((zone) => emptyWindows(run, zone))),
];

/** What a zone makes after it has stated its load is what came late, or of a teardown. */
function emptyWindows({ run, zoneIntervals }: RunView, zone: ZoneView): readonly Violation[] {
  const [stated] = eventsOf(zone, "ShareFinished").filter(({ body }) => body.run === run);
  const name = `intervals of zone ${zone.zone} in ${run}`;
  const carried = zoneIntervals.get(zone.zone) ?? [];
  if (stated === undefined) return [];
  return withoutCopies({ name, carried, mayRepeat: true })
    .carried.filter(({ published }) => published.atUs > stated.published.atUs)
    .filter(({ frame }) => frame.adds.length === 0)
    .map(({ frame }) => ({
      law: "empty windows",
      message: `${name}: number ${frame.number} is of nothing, and made after the zone had stated its load`,
    }));
}

/** Each (source, number) once; a further one must be the same bytes. */
function withoutCopies({ carried, mayRepeat, name }: Log) {
  const known = new Map<string, Carried>();
  const violations: Violation[] = [];
  for (const each of carried) {
    const key = `${each.frame.source} ${each.frame.number}`;
    const first = known.get(key);
    if (first === undefined) known.set(key, each);
    else if (!mayRepeat || !isSame(first.frame.bytes, each.frame.bytes)) {
      violations.push({ law: "interval numbers", message: `${name}: number ${key} is used twice` });
    }
  }
  return { carried: [...known.values()], violations };
}

const isSame = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;

/** From 0, each one more than the one before; who was replaced says nothing any more. */
function numbers({ name }: Log, carried: readonly Carried[]): readonly Violation[] {
  const next = new Map<string, number>();
  const gone = new Set<string>();
  let current = "";
  return carried.flatMap(
    ({ frame: { number, source }, published: { by, envelope } }): readonly Violation[] => {
      const writer = `${by} as ${source} in epoch ${envelope.epoch}`;
      if (writer !== current) {
        gone.add(current);
        current = writer;
      }
      const expected = next.get(source) ?? 0;
      next.set(source, number + 1);
      const late = { law: "one writer", message: `${name}: ${writer} writes after it was replaced` };
      const gap = {
        law: "interval numbers",
        message: `${name}: ${source} goes on with ${number}, not ${expected}`,
      };
      return [...(gone.has(writer) ? [late] : []), ...(number === expected ? [] : [gap])];
    },
  );
}

const numbersIn = (all: readonly Ranges[]): readonly string[] =>
  all.flatMap(({ ranges, source }) =>
    ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, n) => `${source} ${from + n}`)),
  );

function coverage(name: string, carried: readonly Carried[]): readonly Violation[] {
  const added = new Set<string>();
  return carried.flatMap(({ frame }): readonly Violation[] => {
    const adds = numbersIn(frame.adds);
    const twice = adds.filter((each) => added.has(each));
    for (const each of adds) added.add(each);
    const isUnion = numbersIn(frame.through).toSorted().join() === [...added].toSorted().join();
    const at = `${name}, ${frame.source} ${frame.number}`;
    return [
      ...twice.map((each) => ({ law: "added once", message: `${at}: ${each} was added before` })),
      ...(isUnion ? [] : [{ law: "through", message: `${at}: it is not the union of all adds` }]),
    ];
  });
}
