/**
 * Laws of zones below zones: what one of them has said is copied by the zone above it once, and only what it has said; a zone
 * that finishes states what all zones below it have stated.
 */
import type { Violation } from "../evidence.ts";
import type { LogEvent, View, ZoneView } from "../view.ts";

export const belowLaws = ({ zones }: View): readonly Violation[] => {
  const said = new Map(
    zones.flatMap(({ events, zone }) =>
      events.map((event) => [event.published.envelope.id, { event, zone }]),
    ),
  );
  return zones.flatMap((zone) => [...copies(zone, said), ...statements(zone)]);
};

/** What each copy was at first. */
const FIRST: Readonly<Record<string, string>> = { ChildReady: "ShareReady", ChildFinished: "ShareFinished" };

function copies(
  { events, zone }: ZoneView,
  said: ReadonlyMap<string, { readonly event: LogEvent; readonly zone: string }>,
): readonly Violation[] {
  const known = new Set<string>();
  return events.flatMap(({ body, type }): readonly Violation[] => {
    const id = body.origin?.id;
    if (id === undefined) return [];
    const isTwice = known.has(id);
    known.add(id);
    const first = said.get(id);
    const isSaid = first?.zone !== zone && first?.event.type === (FIRST[type] ?? type);
    const bad = (what: string) => ({ law: "copied", message: `zone ${zone}: ${type} of ${id} ${what}` });
    return [...(isTwice ? [bad("is copied twice")] : []), ...(isSaid ? [] : [bad("was never said below")])];
  });
}

/** Agents of zones below, by run: with a zone's statement come all that it has heard of, and nobody else. */
function statements({ events, zone }: ZoneView): readonly Violation[] {
  const below = new Map<string, Map<string, readonly string[]>>();
  return events.flatMap(({ body, type }): readonly Violation[] => {
    if (type !== "ChildFinished" && type !== "ShareFinished") return [];
    const run = body.run ?? "";
    const heard = below.get(run) ?? new Map<string, readonly string[]>();
    below.set(run, heard);
    const names = body.agents.flatMap(({ agent, incarnation, zone: of }) =>
      of === undefined ? [] : [`${of}/${agent}.${incarnation}`],
    );
    if (type === "ChildFinished") heard.set(body.zone, names);
    if (type === "ChildFinished") return [];
    const all = [...heard.values()].flat().toSorted().join();
    if (names.toSorted().join() === all) return [];
    return [
      { law: "statements", message: `zone ${zone}, ${run}: it states ${names.join()}, below it ${all}` },
    ];
  });
}
