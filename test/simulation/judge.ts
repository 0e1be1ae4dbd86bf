/** Everything that is wrong with a simulation: what the auditor finds, runs whose replay differs, roles that died. */
import * as Effect from "effect/Effect";
import { replayRun } from "../../src/roles/door/replay-run.ts";
import { audit } from "./auditor/audit.ts";
import type { Violation } from "./auditor/evidence.ts";
import type { Simulated } from "./simulate.ts";

export const judge = (simulated: Simulated): readonly Violation[] => [
  ...simulated.defects,
  ...audit(simulated.evidence),
  ...replays(simulated),
];

/** Every run that has ended is lived again from the hub's streams alone. */
function replays({ evidence, hub }: Simulated): readonly Violation[] {
  const ended = evidence.published.filter(
    ({ envelope, subject }) => envelope.type === "VerdictGiven" && subject.startsWith("mesh.r.run."),
  );
  const runs = new Set(ended.map(({ envelope }) => envelope.correlation));
  return [...runs].flatMap((run) => {
    const { differences } = Effect.runSyncWith(hub.process.context)(replayRun(hub.server, run));
    return differences.map(({ message }) => ({ law: "replay", message: `${run}: ${message}` }));
  });
}
