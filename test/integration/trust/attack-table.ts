/** What somebody may try who has the credentials of one place and wants something of another: as data. */
import { assets } from "../../../streams/assets.ts";
import { streamOf } from "../../../streams/leaf.ts";
import { subjects } from "../../../streams/subjects.ts";

export interface Attack {
  readonly name: string;
  readonly subject: string;
  readonly data?: string;
}

const RUN = "run1";

/** Words that only root may say. */
const forgedRoot: readonly Attack[] = [
  { name: "forge a command to root", subject: subjects.rootCommand(RUN, "AbortRun") },
  { name: "forge a door's command", subject: subjects.rootCommandBy("door-mallory", RUN, "AbortRun") },
  { name: "append to a run's log", subject: subjects.runEvent(RUN, "VerdictGiven") },
  { name: "add to root's intervals", subject: subjects.runInterval(RUN) },
  { name: "append to the mesh log", subject: subjects.meshEvent("ZoneRevoked") },
  { name: "pulse as root", subject: subjects.rootPulse() },
  { name: "tell of refusals at the hub", subject: subjects.hubWatch("hub") },
  { name: "take the lease", subject: `$KV.${assets.lease.name()}.root` },
  { name: "replace a bundle", subject: `$O.${assets.bundles.name()}.M.x` },
  { name: "replace an environment", subject: `$O.${assets.environments.name()}.M.x` },
  { name: "answer somebody's request", subject: "_INBOX.root.1" },
];

/** Words that only zone b, or its parent, may say. */
export const forgedZone = (zone: string): readonly Attack[] => [
  { name: "command another zone", subject: subjects.zoneCommand(zone, RUN, "StartRun") },
  { name: "tell another zone what is covered", subject: subjects.zoneThrough(zone, RUN) },
  { name: "deliver another zone's facts", subject: subjects.zoneUpEvent(zone, "AgentLost") },
  { name: "deliver another zone's intervals", subject: subjects.zoneUpInterval(zone, RUN) },
  { name: "beat as another zone", subject: subjects.zoneBeat(zone) },
  { name: "append to another zone's log", subject: subjects.zoneEvent(zone, "AgentLost") },
  { name: "command another zone's agent", subject: subjects.agentCommand(zone, "b-1", RUN, "StartShare") },
  { name: "report as another zone's agent", subject: subjects.agentReport(zone, "b-1", "Hello") },
  { name: "replace what a link's store holds", subject: `$O.${assets.linkObjects.name(zone)}.M.x` },
  { name: "acknowledge what another zone pulled", subject: `$JS.ACK.${down(zone)}.zone.1.1.1.1.0` },
  { name: "answer another zone's request", subject: `_INBOX.zone-${zone}.1` },
];

const down = (zone: string) => assets.down.name(zone);
const settings = (stream: string) => JSON.stringify({ name: stream, subjects: ["mesh.>"], storage: "file" });
const reader = (stream: string) =>
  JSON.stringify({
    stream_name: stream,
    config: { ack_policy: "none", deliver_subject: "_INBOX.zone-a.take" },
  });

/** Asks of JetStream, by whatever name its API may be reached. */
export function jetStream(api: string, zone: string): readonly Attack[] {
  const up = assets.upEvents.name(zone);
  const objects = streamOf(assets.linkObjects, zone);
  const first = JSON.stringify({ seq: 1 });
  return [
    { name: "list streams", subject: `${api}.STREAM.NAMES`, data: "{}" },
    { name: "create a stream", subject: `${api}.STREAM.CREATE.EVIL`, data: settings("EVIL") },
    { name: "widen a stream", subject: `${api}.STREAM.UPDATE.${up}`, data: settings(up) },
    { name: "delete a stream", subject: `${api}.STREAM.DELETE.${up}` },
    { name: "purge a stream", subject: `${api}.STREAM.PURGE.${up}` },
    { name: "delete a message", subject: `${api}.STREAM.MSG.DELETE.${up}`, data: first },
    { name: "get a message", subject: `${api}.STREAM.MSG.GET.${up}`, data: first },
    { name: "get a message directly", subject: `${api}.DIRECT.GET.${up}`, data: first },
    { name: "get a command directly", subject: `${api}.DIRECT.GET.${down(zone)}`, data: first },
    { name: "get by subject", subject: `${api}.DIRECT.GET.${up}.${subjects.zoneUpEvent(zone, "Secret")}` },
    { name: "get what a link's store holds", subject: `${api}.DIRECT.GET.${objects}`, data: first },
    { name: "create a consumer", subject: `${api}.CONSUMER.CREATE.${up}`, data: reader(up) },
    { name: "create a durable", subject: `${api}.CONSUMER.DURABLE.CREATE.${up}.evil`, data: reader(up) },
    { name: "delete a durable", subject: `${api}.CONSUMER.DELETE.${down(zone)}.zone` },
    {
      name: "pull another zone's commands",
      subject: `${api}.CONSUMER.MSG.NEXT.${down(zone)}.zone`,
      data: "1",
    },
    { name: "read run logs", subject: `${api}.DIRECT.GET.${assets.runEvents.name()}`, data: first },
    {
      name: "read environments",
      subject: `${api}.DIRECT.GET.${streamOf(assets.environments, "")}`,
      data: first,
    },
  ];
}

/** Subjects of the servers themselves. */
const system: readonly Attack[] = [
  { name: "replace an account", subject: "$SYS.REQ.CLAIMS.UPDATE", data: "eyJ" },
  { name: "list accounts", subject: "$SYS.REQ.CLAIMS.LIST" },
  { name: "ask the servers who is there", subject: "$SYS.REQ.SERVER.PING.CONNZ", data: '{"auth":true}' },
  { name: "speak as a mirror", subject: "$JSC.R.1" },
  { name: "speak of flow control", subject: "$JS.FC.MESH_DOWN_b.zone.1" },
];

/** Everything at the hub and in zone b that is nobody's business but theirs. */
export const elsewhere = (zone: string, apis: readonly string[]): readonly Attack[] => [
  ...forgedRoot,
  ...forgedZone(zone),
  ...apis.flatMap((api) => jetStream(api, zone).map((each) => ({ ...each, name: `${each.name} (${api})` }))),
  ...system,
];

/** What one agent may not do to another, or to its own zone. */
export const againstOwnZone = (zone: string, other: string): readonly Attack[] => [
  { name: "report as another agent", subject: subjects.agentReport(zone, other, "Hello") },
  { name: "beat as another agent", subject: subjects.agentBeat(zone, other) },
  { name: "add intervals of another agent", subject: subjects.agentInterval(zone, other, RUN) },
  { name: "arrive as another agent", subject: subjects.syncArrival(zone, RUN, "ready", other) },
  { name: "release a barrier", subject: subjects.syncRelease(zone, RUN, "ready") },
  { name: "set a value once", subject: subjects.syncOnce(zone, RUN, "setup") },
  { name: "command an agent", subject: subjects.agentCommand(zone, other, RUN, "StopShare") },
  { name: "append to the zone's log", subject: subjects.zoneEvent(zone, "AgentLost") },
  { name: "add to the zone's intervals", subject: subjects.zoneInterval(zone, RUN) },
  { name: "pulse as the zone", subject: subjects.zonePulse(zone) },
  { name: "tell another what is covered", subject: subjects.agentThrough(zone, other, RUN) },
  { name: "tell of refusals in the zone", subject: subjects.zoneWatch(zone, `zone-${zone}`) },
  { name: "deliver the zone's facts", subject: subjects.zoneUpEvent(zone, "AgentLost") },
  { name: "beat as the own zone", subject: subjects.zoneBeat(zone) },
  { name: "replace what the zone's store holds", subject: `$O.${assets.zoneObjects.name(zone)}.M.x` },
  { name: "answer the zone's request", subject: `_INBOX.zone-${zone}.1` },
  { name: "answer another agent's request", subject: `_INBOX.agent-${other}.1` },
  ...ownStreams(zone, other),
];

function ownStreams(zone: string, other: string): readonly Attack[] {
  const [api, reports] = ["$JS.API", assets.agentReports.name(zone)];
  const [commands, first] = [assets.agentCommands.name(zone), JSON.stringify({ seq: 1 })];
  return [
    { name: "delete the zone's stream", subject: `${api}.STREAM.DELETE.${reports}` },
    { name: "purge the zone's stream", subject: `${api}.STREAM.PURGE.${reports}` },
    { name: "read another's reports", subject: `${api}.DIRECT.GET.${reports}`, data: first },
    {
      name: "pull another's commands",
      subject: `${api}.CONSUMER.MSG.NEXT.${commands}.agent-${other}`,
      data: "1",
    },
    { name: "read all commands", subject: `${api}.DIRECT.GET.${commands}`, data: first },
    {
      name: "create a consumer at home",
      subject: `${api}.CONSUMER.CREATE.${commands}`,
      data: reader(commands),
    },
  ];
}

/** Patterns that would hear more than anybody should. */
export const eavesdropping: readonly string[] = [
  ">",
  "*.>",
  "mesh.>",
  "mesh.z.b.>",
  "mesh.z.*.up.>",
  "mesh.z.*.through.*",
  "mesh.r.>",
  subjects.zoneThrough("b", RUN),
  "_INBOX.>",
  "_INBOX.root.>",
  "_INBOX.zone-b.>",
  "_R_.>",
  "$JS.>",
  "$JS.API.>",
  "$JS.ACK.>",
  "$KV.>",
  "$O.>",
  "$SYS.>",
  "$JSC.>",
];
