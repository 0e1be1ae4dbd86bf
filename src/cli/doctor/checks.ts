/** All checks of `mesh doctor`, in the order in which they are told: from this machine outwards. */
import { broker, clock, mesh } from "./broker.ts";
import { directories } from "./directories.ts";
import type { Check } from "./finding.ts";
import { folder } from "./folder.ts";
import { clickHouse, landing } from "./history.ts";
import { link, zoneName } from "./link.ts";
import { access, credentials } from "./login.ts";
import { cores, files, node, platform, version } from "./machine.ts";
import { orphans } from "./orphans.ts";
import { keeper, natsServerBinary } from "./servers.ts";

const REPORT = "run it again; if it stays, report it as a bug";
const RESTART = "mesh down ends servers that hang; what they stored is kept";
const REACH = "check the address and the network on the way to it";

export const CHECKS: readonly Check[] = [
  { name: "platform", hint: REPORT, look: platform },
  { name: "node", hint: REPORT, look: node },
  { name: "mesh", hint: REPORT, look: version },
  { name: "cores", hint: REPORT, look: cores },
  { name: "open files", hint: REPORT, look: files },
  {
    name: "directories",
    hint: "set MESH_HOME and MESH_CACHE to directories on a local disk",
    look: directories,
  },
  { name: "keeper", hint: RESTART, look: keeper },
  { name: "nats-server", hint: "name one that runs in NATS_SERVER_BIN", look: natsServerBinary },
  { name: "folder", hint: REPORT, look: folder },
  { name: "credentials", hint: REPORT, look: credentials },
  { name: "broker", hint: REACH, look: broker },
  { name: "clock", hint: REACH, look: clock },
  { name: "zone", hint: REACH, look: zoneName },
  { name: "access", hint: REACH, look: access },
  { name: "link", hint: REACH, look: link },
  { name: "roles", hint: REACH, look: mesh },
  { name: "clickhouse", hint: "check MESH_CLICKHOUSE_URL", look: clickHouse },
  { name: "landing", hint: REACH, look: landing },
  { name: "orphans", hint: REPORT, look: orphans },
];
