/** Waits for the node above to appear: asks again for as long as it takes, and says what it waits for only once. */
import * as Effect from "effect/Effect";
import * as Schedule from "effect/Schedule";
import type { Asked, ServerError } from "../ports/server.ts";

/** Looks this often while the other one is not there yet. */
const LOOK_EVERY = "50 millis";

/** `words` says what is waited for, and why, where that can be known. Ends early when refused. */
export function waitFor<A>(
  ask: Asked<A>,
  words: (error: ServerError) => string,
  note: (line: string) => void,
): Asked<A> {
  let said = "";
  const say = (error: ServerError) =>
    Effect.sync(() => {
      const line = words(error);
      if (line !== said) note(line);
      said = line;
    });
  return ask.pipe(
    Effect.tapError(say),
    Effect.retry({ schedule: Schedule.spaced(LOOK_EVERY), while: ({ reason }) => reason !== "refused" }),
  );
}
