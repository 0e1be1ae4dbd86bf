/** What a root has while it leads. Types only. */
import type * as Effect from "effect/Effect";
import type { MeshState } from "../../domain/mesh/state.ts";
import type { Server, ServerClock } from "../../ports/server.ts";

/** What every run needs of the root that leads it. */
export interface Tenure {
  readonly server: Server;
  readonly clock: ServerClock;
  readonly epoch: number;
  /** Name of this root. */
  readonly name: string;
  /** Says something to whoever watches this process. */
  readonly note: (line: string) => void;
  /** Zones that are heard now. */
  readonly heardZones: () => readonly string[];
  /** Milliseconds since a zone was last heard. */
  readonly silentMs: (zone: string) => number;
  /** The same of a zone that is somewhere below one of root's, as that one tells. */
  readonly silentBelowMs: (top: string, zone: string) => number;
  /** Levels of zones below one, as far as it told. */
  readonly levelsBelow: (zone: string) => number | undefined;
  /** Servers of the mesh that this root knows now: no script may reach them. */
  readonly controlPlane: Effect.Effect<readonly string[]>;
  /** What the mesh log says, as far as it can be read here. */
  readonly mesh: () => MeshState;
}
