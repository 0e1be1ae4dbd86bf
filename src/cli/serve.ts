/**
 * Runs a role for as long as its process lives: the first signal, or the end of the parent that started it, interrupts
 * it and lets it leave in order; a second signal ends the process at once.
 */
import * as Cause from "effect/Cause";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import type { KeeperError } from "../keeper/keeper.ts";
import type { Place } from "./place.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** A terminal and a parent may both pass on one key press. */
const SAME_PRESS_MS = 250;

/**
 * Ends the process when the role was asked to end and has; rejects with what made it fail, or took its servers away.
 * `onLeft` hears of it where somebody at a keyboard, or a service, asked.
 */
export async function serve<E>(
  role: Effect.Effect<never, E>,
  place: Place,
  onLeft: () => void,
): Promise<void> {
  const abort = new AbortController();
  let since: number | undefined;
  const onSignal = () => {
    if (since !== undefined && performance.now() - since > SAME_PRESS_MS) process.exit(130);
    since ??= performance.now();
    abort.abort();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  const isOwned = process.env["MESH_PARENT_PIPE"] === "1";
  if (isOwned) {
    const { endWithParent } = await import("../keeper/parent-pipe.ts");
    endWithParent(() => abort.abort());
  }
  let lost: KeeperError | undefined;
  void place.keeper?.lost.then((error) => {
    lost = error;
    return abort.abort();
  });
  const keepAlive = setInterval(() => {}, 2 ** 30); // a suspended fiber does not hold the process
  const exit = await Effect.runPromiseExit(role, { signal: abort.signal });
  clearInterval(keepAlive);
  await place.keeper?.release();
  // It left in order, but nobody had asked for that: the servers are gone, and whoever watches this must know.
  if (lost !== undefined && since === undefined) throw lost;
  if (Exit.isFailure(exit) && !Cause.hasInterruptsOnly(exit.cause)) throw Cause.squash(exit.cause);
  if (since !== undefined && !isOwned) onLeft();
  // Nothing is left to do, but questions that were under way keep their timers for seconds.
  process.exit();
}
