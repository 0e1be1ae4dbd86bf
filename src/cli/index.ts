/** The command map: every command of `mesh`, by its name. */
import { Agent } from "./commands/agent.ts";
import { Root } from "./commands/root.ts";
import { Run } from "./commands/run.ts";
import { Zone } from "./commands/zone.ts";

export const COMMANDS = {
  agent: Agent,
  root: Root,
  run: Run,
  zone: Zone,
};
