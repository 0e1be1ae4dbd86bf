/**
 * Every asset of the mesh. Zone and hub assets are different streams even when one server holds both; the
 * forwarder joins them. Metrics and control never share a stream: a flood of metrics must not delay an abort.
 */
import { type Asset, days, MEBIBYTE, seconds } from "./asset.ts";
import { patterns } from "./subjects.ts";

/** A log that is kept until its run is removed: nothing expires, nothing is discarded. */
const kept = { storage: "file", allow_direct: true, duplicate_window: seconds(120) } as const;
/** Something under way: it matters until its reader has taken it, and a while longer to look back. */
const passing = { ...kept, max_age: days(7) } as const;
/** The last word on each subject: enough for who is alive and what is covered; gone when nobody says it again. */
const lastWord = {
  storage: "memory",
  max_msgs_per_subject: 1,
  max_age: seconds(10),
  duplicate_window: seconds(10),
  allow_direct: true,
} as const;

const none = () => [];

export const assets = {
  runEvents: {
    kind: "stream",
    scope: "hub",
    name: () => "MESH_RUN_EVENTS",
    subjects: () => [patterns.runEvents],
    carries: ["run event"],
    writers: ["root"],
    readers: ["root", "door"],
    why: "The run logs: every decision about every run. One stream for all runs; a run's revision is the last sequence of its own subjects.",
    config: kept,
  },
  runIntervals: {
    kind: "stream",
    scope: "hub",
    name: () => "MESH_RUN_INTERVALS",
    subjects: () => [patterns.runIntervals],
    carries: ["interval"],
    writers: ["root"],
    readers: ["root", "door"],
    why: "Root's merged intervals: what a run measured, and what thresholds and summaries may read. Kept as long as the run log.",
    config: kept,
  },
  rootCommands: {
    kind: "stream",
    scope: "hub",
    name: () => "MESH_COMMANDS",
    subjects: () => [patterns.rootCommands],
    carries: ["door command"],
    writers: ["door"],
    readers: ["root"],
    why: "What people and programs asked for. Kept for a week as the audit trail.",
    config: passing,
  },
  hubLive: {
    kind: "stream",
    scope: "hub",
    name: () => "MESH_LIVE",
    subjects: () => [patterns.rootPulse, patterns.zoneBeats],
    carries: ["pulse", "beat"],
    writers: ["root", "zone"],
    readers: ["root", "zone", "door"],
    why: "Who is alive at the hub, in their last words. Liveness is judged by arrival, never by expiry here.",
    config: lastWord,
  },
  lease: {
    kind: "key-value",
    scope: "hub",
    name: () => "mesh-lease",
    subjects: none,
    carries: [],
    writers: ["root"],
    readers: ["root", "door"],
    why: "Leadership: at most one root leads. The revision at which the lease was taken is the epoch.",
    config: { storage: "file", allow_msg_ttl: true },
  },
  bundles: {
    kind: "object-store",
    scope: "hub",
    name: () => "mesh-bundles",
    subjects: none,
    carries: [],
    writers: ["door", "root"],
    readers: ["zone"],
    why: "Scripts with all their imports, and the data files that they read, each named by its SHA-256. Data files go with the last run that has them.",
    config: { storage: "file" },
  },
  environments: {
    kind: "object-store",
    scope: "hub",
    name: () => "mesh-environments",
    subjects: none,
    carries: [],
    writers: ["door", "root"],
    readers: ["zone"],
    why: "Values of --env, of scenarios' own env and of tlsAuth, one object per run, erased before its verdict is given. Events carry only the names.",
    config: { storage: "file", max_age: days(7) },
  },
  upEvents: {
    kind: "stream",
    scope: "link",
    name: (z) => `MESH_UP_${z}_EVENTS`,
    subjects: (z) => [patterns.zoneUpEvents(z)],
    carries: ["zone event"],
    writers: ["zone"],
    readers: ["root", "zone"],
    why: "A zone's log as its forwarder delivered it: once, in order, chained by message id.",
    config: passing,
  },
  upIntervals: {
    kind: "stream",
    scope: "link",
    name: (z) => `MESH_UP_${z}_INTERVALS`,
    subjects: (z) => [patterns.zoneUpIntervals(z)],
    carries: ["interval"],
    writers: ["zone"],
    readers: ["root", "zone"],
    why: "A zone's merged intervals as its forwarder delivered them; apart from the events so that neither delays the other.",
    config: { ...passing, max_age: days(1), max_bytes: 512 * MEBIBYTE },
  },
  down: {
    kind: "stream",
    scope: "link",
    name: (z) => `MESH_DOWN_${z}`,
    subjects: (z) => [patterns.zoneCommands(z)],
    carries: ["node command"],
    writers: ["root", "zone"],
    readers: ["zone"],
    why: "What a zone is told. It pulls a durable that its parent created, so a cut link only delays it.",
    config: passing,
  },
  linkLive: {
    kind: "stream",
    scope: "link",
    name: (z) => `MESH_LIVE_${z}`,
    subjects: (z) => [patterns.zoneThrough(z)],
    carries: ["through"],
    writers: ["root", "zone"],
    readers: ["zone"],
    why: "Which of a zone's intervals its parent has inside its own log. The zone keeps its intervals until it is told to forget the run.",
    config: lastWord,
  },
  zoneEvents: {
    kind: "stream",
    scope: "zone",
    name: (z) => `MESH_Z_${z}_EVENTS`,
    subjects: (z) => [patterns.zoneEvents(z)],
    carries: ["zone event"],
    writers: ["zone"],
    readers: ["zone"],
    why: "The zone log: facts about the zone's agents and its shares. Written only by its live coordinator.",
    config: kept,
  },
  zoneIntervals: {
    kind: "stream",
    scope: "zone",
    name: (z) => `MESH_Z_${z}_INTERVALS`,
    subjects: (z) => [patterns.zoneIntervals(z), patterns.agentIntervals(z)],
    carries: ["interval"],
    writers: ["zone", "agent"],
    readers: ["zone"],
    why: "Intervals of the agents and the zone's merge of them. File, not memory: the same cost, and it survives a kill.",
    config: { ...passing, max_age: days(1), max_bytes: 512 * MEBIBYTE },
  },
  zoneObjects: {
    kind: "object-store",
    scope: "zone",
    name: (z) => `mesh-z-${z}-objects`,
    subjects: none,
    carries: [],
    writers: ["zone"],
    readers: ["agent"],
    why: "The zone's own copies of bundles, data files and run environments: agents know no server but their zone's. An environment is erased before the zone says that it has forgotten the run; by root, too, where both have one server.",
    config: { storage: "file", max_age: days(7) },
  },
  agentReports: {
    kind: "stream",
    scope: "zone",
    name: (z) => `MESH_Z_${z}_REPORTS`,
    subjects: (z) => [patterns.agentReports(z)],
    carries: ["report"],
    writers: ["agent"],
    readers: ["zone"],
    why: "What agents say. The coordinator turns it into facts of the zone log; agents write no events.",
    config: passing,
  },
  agentCommands: {
    kind: "stream",
    scope: "zone",
    name: (z) => `MESH_Z_${z}_COMMANDS`,
    subjects: (z) => [patterns.agentCommands(z)],
    carries: ["node command"],
    writers: ["zone"],
    readers: ["agent"],
    why: "What each agent is told, pulled through a durable that the coordinator created for it.",
    config: passing,
  },
  zoneLive: {
    kind: "stream",
    scope: "zone",
    name: (z) => `MESH_Z_${z}_LIVE`,
    subjects: (z) => [patterns.zonePulse(z), patterns.agentBeats(z), patterns.agentThrough(z)],
    carries: ["pulse", "beat", "through"],
    writers: ["zone", "agent"],
    readers: ["zone", "agent"],
    why: "Who is alive in the zone and which intervals of each agent are covered, in their last words.",
    config: lastWord,
  },
  sync: {
    kind: "stream",
    scope: "zone",
    name: (z) => `MESH_Z_${z}_SYNC`,
    subjects: (z) => [patterns.zoneSync(z)],
    carries: ["sync"],
    writers: ["zone", "agent"],
    readers: ["zone", "agent"],
    why: "Barriers and once-values: the first message on a subject stays, a second is refused. Removed with the run.",
    config: {
      ...passing,
      max_msgs_per_subject: 1,
      discard: "new",
      discard_new_per_subject: true,
    },
  },
} as const satisfies Record<string, Asset>;

export type AssetName = keyof typeof assets;

/** Durable consumers that a parent creates in advance, so that whoever pulls needs no right to create. */
export const durables = {
  /** Root's own inbox. */
  root: { asset: "rootCommands", name: () => "root" },
  /** A zone's inbox at its parent. */
  zone: { asset: "down", name: () => "zone" },
  /** The zone's reading of its agents' reports. */
  reports: { asset: "agentReports", name: () => "zone" },
  /** An agent's inbox. */
  agent: { asset: "agentCommands", name: (agent: string) => `agent-${agent}` },
} as const;
