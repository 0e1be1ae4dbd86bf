/** The command map: every command of `mesh`, by its name, and what is said where there is none. */
import { Abort } from "./commands/abort.ts";
import { Agent } from "./commands/agent.ts";
import { Attach } from "./commands/attach.ts";
import { Bench } from "./commands/bench.ts";
import { Completion } from "./commands/completion.ts";
import { Doctor } from "./commands/doctor.ts";
import { Down } from "./commands/down.ts";
import { Events } from "./commands/events.ts";
import { Help } from "./commands/help.ts";
import { HubDoor } from "./commands/hub-door.ts";
import { HubInit } from "./commands/hub-init.ts";
import { HubRevoke } from "./commands/hub-revoke.ts";
import { HubRotate } from "./commands/hub-rotate.ts";
import { Init } from "./commands/init.ts";
import { Note } from "./commands/note.ts";
import { Plan } from "./commands/plan.ts";
import { Replay } from "./commands/replay.ts";
import { Root } from "./commands/root.ts";
import { RunsRm } from "./commands/runs-rm.ts";
import { Runs } from "./commands/runs.ts";
import { Run } from "./commands/run.ts";
import { Server } from "./commands/server.ts";
import { Sql } from "./commands/sql.ts";
import { Status } from "./commands/status.ts";
import { Up } from "./commands/up.ts";
import { ZoneDrain } from "./commands/zone-drain.ts";
import { ZoneAgent } from "./commands/zone-agent.ts";
import { ZoneInit } from "./commands/zone-init.ts";
import { ZoneRevoke } from "./commands/zone-revoke.ts";
import { ZoneRotate } from "./commands/zone-rotate.ts";
import { ZoneLs } from "./commands/zone-ls.ts";
import { ZoneShow } from "./commands/zone-show.ts";
import { Zone } from "./commands/zone.ts";
import { ZoneApprove } from "./commands/zone-approve.ts";

export { unknownCommand } from "./unknown-command.ts";

export const COMMANDS = {
  abort: Abort,
  agent: Agent,
  attach: Attach,
  bench: Bench,
  completion: Completion,
  doctor: Doctor,
  down: Down,
  events: Events,
  help: Help,
  "hub:door": HubDoor,
  "hub:init": HubInit,
  "hub:revoke": HubRevoke,
  "hub:rotate": HubRotate,
  init: Init,
  note: Note,
  plan: Plan,
  replay: Replay,
  root: Root,
  run: Run,
  runs: Runs,
  "runs:rm": RunsRm,
  server: Server,
  sql: Sql,
  status: Status,
  up: Up,
  zone: Zone,
  "zone:approve": ZoneApprove,
  "zone:drain": ZoneDrain,
  "zone:agent": ZoneAgent,
  "zone:init": ZoneInit,
  "zone:revoke": ZoneRevoke,
  "zone:rotate": ZoneRotate,
  "zone:ls": ZoneLs,
  "zone:show": ZoneShow,
};
