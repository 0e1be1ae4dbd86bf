/**
 * Reads the heartbeats of zones. Whose a heartbeat is stands in its subject, which permissions bind; the name in its body is
 * what somebody says. Where the two differ one zone speaks for another, and is not heard.
 */
import type { Beat } from "../../streams/messages/live.ts";
import { parseSubject } from "../../streams/subjects.ts";
import type { Outgoing } from "../domain/log/codec.ts";
import { boundedBeat } from "../domain/zone/bounded-beat.ts";
import { readBody } from "./read-body.ts";

export type Heartbeat = Outgoing & { readonly subject: string };

/** `note` hears once of each zone that speaks for others: heartbeats come twice a second. */
export function beatReader(note: (line: string) => void): (said: Heartbeat) => Beat | undefined {
  const told = new Set<string>();
  return ({ subject, envelope, data }) => {
    const beat = envelope.type === "Beat" ? readBody("beat", { envelope, data }, note) : undefined;
    const from = beat && ownerOf(subject);
    if (beat === undefined) return undefined;
    if (beat.node === from) return boundedBeat(beat);
    if (from !== undefined && !told.has(from)) {
      told.add(from);
      note(`zone ${from} says that it is zone ${beat.node}; it is not heard`);
    }
    return undefined;
  };
}

/** The zone that may speak on a subject: one below another has its own part of that one's. */
function ownerOf(subject: string): string | undefined {
  const { child, zone } = parseSubject(subject) ?? {};
  return child ?? zone;
}
