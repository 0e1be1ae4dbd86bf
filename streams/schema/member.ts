/** An agent that takes part in a share that is ready. */
import * as Schema from "effect/Schema";
import { AgentName, Count, ZoneName } from "./ids.ts";

export const Member = Schema.Struct({
  agent: AgentName,
  incarnation: Count,
  workers: Count,
  host: Schema.String,
  /** Its zone, where that lies below the one that tells of it. */
  zone: Schema.optionalKey(ZoneName),
});
