/** Says that a clock is far off, where somebody can set it. Nothing else follows from it: only what servers store counts. */
import { farApart } from "../domain/clock-words.ts";
import type { ServerClock } from "../ports/server.ts";

type Note = (line: string) => void;

/** The wall clock of this machine against that of its server. */
export function tellClock({ errorUs, offsetUs }: ServerClock, note: Note): void {
  const words = farApart("the clock of this machine", "its NATS server's", -offsetUs / 1000, errorUs / 1000);
  if (words !== undefined) note(words);
}

/** A zone's own server against the one above. */
export function tellServerClocks(own: ServerClock, above: ServerClock, note: Note): void {
  const aheadMs = (own.offsetUs - above.offsetUs) / 1000;
  const errorMs = (own.errorUs + above.errorUs) / 1000;
  const words = farApart("the clock of this zone's server", "that of the server above", aheadMs, errorMs);
  if (words !== undefined) note(words);
}
