/**
 * One rule for what comes from below: whatever cannot be taken is named and passed over, and nothing else ends with it. That
 * is a message against the contract, one that leads to a defect, and one whose copy no server takes.
 */
import * as Effect from "effect/Effect";
import { boundedWord } from "../domain/log/bounded.ts";
import { Malformed, type Outgoing } from "../domain/log/codec.ts";
import type { Report } from "../../streams/messages/report.ts";
import type { ZoneEvent } from "../../streams/events/zone.ts";
import type { ServerError } from "../ports/server.ts";
import { readBody } from "./read-body.ts";

type Note = (line: string) => void;

/** What a zone or an agent says, with its texts cut to what a copy may hold. */
export function readWord(family: "zone event", message: Outgoing, note: Note): ZoneEvent | undefined;
export function readWord(family: "report", message: Outgoing, note: Note): Report | undefined;
export function readWord(
  family: "zone event" | "report",
  message: Outgoing,
  note: Note,
): ZoneEvent | Report | undefined {
  const said = readBody(family, message, note);
  return said === undefined ? undefined : boundedWord(said, message.data.length);
}

/**
 * `what` is named to people, as in "a fact of zone fra". `after` is done where it was passed over: a delivery that is not
 * acknowledged comes again.
 */
export const passOver =
  (
    what: string,
    note: Note,
    after: (reason: string) => Effect.Effect<void, ServerError> = () => Effect.void,
  ) =>
  <R>(taken: Effect.Effect<void, ServerError, R>): Effect.Effect<void, ServerError, R> => {
    const pass = (reason: string) =>
      Effect.andThen(
        Effect.sync(() => note(`passed over ${what}: ${reason}`)),
        after(reason),
      );
    return taken.pipe(
      Effect.catchDefect((defect) => pass(reasonOf(defect))),
      Effect.catchIf(
        ({ reason }) => reason === "too-large",
        ({ message }) => pass(message),
      ),
    );
  };

const REASON_MAX = 500;

/** A fault of the message, or one of ours that this message met. */
function reasonOf(defect: unknown): string {
  const message = defect instanceof Error ? defect.message : String(defect);
  const line = message.replaceAll(/\s+/g, " ").slice(0, REASON_MAX);
  return defect instanceof Malformed ? line : `it meets a fault of this program (${line})`;
}
