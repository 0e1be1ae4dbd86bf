/** Waits for the node above to appear: asks again for as long as it takes, and says what it waits for only once. */
import * as Effect from "effect/Effect";
import * as Schedule from "effect/Schedule";
import type { Asked, ServerError } from "../ports/server.ts";

/** Looks this often while the other one is not there yet. */
const LOOK_EVERY = "50 millis";

/** `missing` is the line for "it is not there yet"; any other reason is said with it. Ends early when refused. */
export function waitFor<A>(ask: Asked<A>, missing: string, note: (line: string) => void): Asked<A> {
  let said = "";
  const say = ({ reason, detail }: ServerError) =>
    Effect.sync(() => {
      const line = reason === "not-provisioned" ? missing : `${missing} (${detail})`;
      if (line !== said) note(line);
      said = line;
    });
  return ask.pipe(
    Effect.tapError(say),
    Effect.retry({ schedule: Schedule.spaced(LOOK_EVERY), while: ({ reason }) => reason !== "refused" }),
  );
}
