/** What flows through a zone: its two logs up to its parent, and its agents' intervals into its mailbox. */
import * as Effect from "effect/Effect";
import { parseSubject, patterns, subjects } from "../../../streams/subjects.ts";
import { splitFrames } from "../../domain/interval/batch.ts";
import type { Lane } from "./forward.ts";
import type { Input, Zone } from "./self.ts";

export const eventLane = ({ options, own, upper }: Zone): Lane => ({
  zone: options.zone,
  own,
  upper,
  from: { asset: "zoneEvents", zone: options.zone },
  filter: patterns.zoneEvents(options.zone),
  asset: "upEvents",
  subjects: patterns.zoneUpEvents(options.zone),
  subjectOf: (subject: string) => subjects.zoneUpEvent(options.zone, parseSubject(subject)?.type ?? ""),
});

export const intervalLane = ({ options, own, upper }: Zone): Lane => ({
  zone: options.zone,
  own,
  upper,
  from: { asset: "zoneIntervals", zone: options.zone },
  filter: patterns.zoneIntervals(options.zone),
  asset: "upIntervals",
  subjects: patterns.zoneUpIntervals(options.zone),
  subjectOf: (subject: string) => subjects.zoneUpInterval(options.zone, parseSubject(subject)?.run ?? ""),
});

/** Intervals of runs that are still open may lie in the past; others begin with the next one. */
export const followIntervals = (
  { options, own, journal }: Zone,
  offer: (input: Input) => Effect.Effect<void>,
) =>
  Effect.gen(function* () {
    const where = { asset: "zoneIntervals", zone: options.zone } as const;
    const pattern = patterns.agentIntervals(options.zone);
    const isOpen = Object.values(journal.state.shares).some(({ forgotten }) => !forgotten);
    const from = isOpen ? 1 : ((yield* own.log.last(where, pattern))?.sequence ?? 0) + 1;
    return yield* own.log.follow(where, [pattern], from, ({ subject, data }) => {
      const { agent = "", run = "" } = parseSubject(subject) ?? {};
      return Effect.forEach(
        splitFrames(data),
        (frame) => offer({ type: "AgentInterval", agent, run, frame }),
        { discard: true },
      );
    });
  });
