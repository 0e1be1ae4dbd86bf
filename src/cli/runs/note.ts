/** `mesh note`: writes something down about a run, now or long after its end; it stands in the run's log. */
import { randomBytes } from "node:crypto";
import * as Effect from "effect/Effect";
import { NOTE_TEXT_MAX, noteText } from "../../domain/run/note.ts";
import { requestNote } from "../../roles/door/ask.ts";
import { findRun } from "../../roles/door/find-run.ts";
import { actor } from "../actor.ts";
import { askServer, type Note, withRoot } from "../at-server.ts";
import { exitCode, Failure } from "../exit-codes.ts";
import type { PlaceFlags } from "../place.ts";

export interface Noted {
  readonly run: string;
  readonly text: string;
  readonly actor: string;
}

export function noteRun(asked: string, given: string, flags: PlaceFlags, note: Note): Promise<Noted> {
  const text = readable(given);
  return askServer(flags, note, (server, place) =>
    Effect.gen(function* () {
      const run = yield* findRun(server, asked);
      const id = `${run}-note-${randomBytes(3).toString("hex")}`;
      yield* withRoot(place, requestNote(server, run, actor(), text, id));
      return { run, text, actor: actor() };
    }),
  );
}

/** Told here at once what root would cut off. */
function readable(given: string): string {
  if (given.length > NOTE_TEXT_MAX) {
    const message = `the note has ${given.length} characters, and ${NOTE_TEXT_MAX} are kept at most`;
    throw new Failure(exitCode.usage, "Usage", message, "put the rest where it can be linked to");
  }
  const text = noteText(given);
  if (text !== "") return text;
  throw new Failure(exitCode.usage, "Usage", "the note is empty", 'mesh note last "what to remember"');
}

export const notedText = ({ run }: Noted): string => `noted; mesh events ${run} shows it\n`;
