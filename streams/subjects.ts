/**
 * The subject grammar: one builder and one pattern per subject, and nowhere else a subject literal.
 *
 * `mesh.r.…` belongs to root, `mesh.z.<zone>.…` to a zone: accounts and leaf links are cut along that line.
 * Under a zone, `up`, `cmd`, `beat` and `through` are kept by the zone's parent; `event`, `interval`, `sync`, `pulse`,
 * `watch`, `agent` and `zone` (what zones below say of themselves) are kept by the zone itself, also when one server holds
 * both.
 */
import { TOKEN } from "./schema/ids.ts";

/** Subject patterns as streams and consumers use them. `z` is a zone's name or `*`. */
export const patterns = {
  runEvents: "mesh.r.run.*.event.*",
  /** One type of event of every run: which runs there are, which have ended. */
  runEventsOf: (type: string) => `mesh.r.run.*.event.${type}`,
  runIntervals: "mesh.r.run.*.interval",
  rootCommands: "mesh.r.cmd.*.*",
  /** Commands of doors whose login names a principal: permissions bind that token. */
  rootCommandsBy: "mesh.r.by.*.cmd.*.*",
  meshEvents: "mesh.r.mesh.event.*",
  hubWatch: "mesh.r.watch.*",
  rootPulse: "mesh.r.pulse",
  zoneBeats: "mesh.z.*.beat",
  zoneUpEvents: (z: string) => `mesh.z.${z}.up.event.*`,
  zoneUpIntervals: (z: string) => `mesh.z.${z}.up.interval.*`,
  zoneCommands: (z: string) => `mesh.z.${z}.cmd.*.*`,
  zoneThrough: (z: string) => `mesh.z.${z}.through.*`,
  zoneEvents: (z: string) => `mesh.z.${z}.event.*`,
  zoneIntervals: (z: string) => `mesh.z.${z}.interval.*`,
  zonePulse: (z: string) => `mesh.z.${z}.pulse`,
  agentReports: (z: string) => `mesh.z.${z}.agent.*.report.*`,
  agentIntervals: (z: string) => `mesh.z.${z}.agent.*.interval.*`,
  agentCommands: (z: string) => `mesh.z.${z}.agent.*.cmd.*.*`,
  agentBeats: (z: string) => `mesh.z.${z}.agent.*.beat`,
  /** Zones below a zone say here that they live; those of root say it on their own `beat`. */
  childBeats: (z: string) => `mesh.z.${z}.zone.*.beat`,
  agentThrough: (z: string) => `mesh.z.${z}.agent.*.through.*`,
  zoneWatch: (z: string) => `mesh.z.${z}.watch.*`,
  zoneSync: (z: string) => `mesh.z.${z}.sync.>`,
  /** The three kinds of words in it: who may say which differs. */
  syncArrivals: (z: string) => `mesh.z.${z}.sync.*.*.arrive.*`,
  syncReleases: (z: string) => `mesh.z.${z}.sync.*.*.release`,
  syncOnces: (z: string) => `mesh.z.${z}.sync.*.*.once`,
} as const;

/** Builders. Arguments are tokens; a bad one is a defect, since every name was checked at the door. */
export const subjects = {
  runEvent: (run: string, type: string) => build("mesh.r.run", run, "event", type),
  /** All of one run's log: where the expected last sequence is checked. */
  runLog: (run: string) => `${build("mesh.r.run", run, "event")}.*`,
  runInterval: (run: string) => build("mesh.r.run", run, "interval"),
  rootCommand: (run: string, type: string) => build("mesh.r.cmd", run, type),
  rootCommandBy: (principal: string, run: string, type: string) =>
    build("mesh.r.by", principal, "cmd", run, type),
  meshEvent: (type: string) => build("mesh.r.mesh", "event", type),
  /** All of the mesh log: where the expected last sequence is checked. */
  meshLog: () => patterns.meshEvents,
  hubWatch: (server: string) => build("mesh.r.watch", server),
  rootPulse: () => patterns.rootPulse,
  zoneBeat: (z: string) => build("mesh.z", z, "beat"),
  zoneUpEvent: (z: string, type: string) => build("mesh.z", z, "up", "event", type),
  zoneUpInterval: (z: string, run: string) => build("mesh.z", z, "up", "interval", run),
  zoneCommand: (z: string, run: string, type: string) => build("mesh.z", z, "cmd", run, type),
  zoneThrough: (z: string, run: string) => build("mesh.z", z, "through", run),
  zoneEvent: (z: string, type: string) => build("mesh.z", z, "event", type),
  zoneLog: (z: string) => `${build("mesh.z", z, "event")}.*`,
  zoneInterval: (z: string, run: string) => build("mesh.z", z, "interval", run),
  zonePulse: (z: string) => build("mesh.z", z, "pulse"),
  zoneWatch: (z: string, server: string) => build("mesh.z", z, "watch", server),
  agentReport: (z: string, agent: string, type: string) => build("mesh.z", z, "agent", agent, "report", type),
  agentInterval: (z: string, agent: string, run: string) =>
    build("mesh.z", z, "agent", agent, "interval", run),
  /** One run's intervals of all agents: purged with it. */
  agentIntervalsOf: (z: string, run: string) => `${build("mesh.z", z, "agent")}.*.${build("interval", run)}`,
  agentCommand: (z: string, agent: string, run: string, type: string) =>
    build("mesh.z", z, "agent", agent, "cmd", run, type),
  /** Everything one agent is told: the filter of its pre-created durable. */
  agentCommands: (z: string, agent: string) => `${build("mesh.z", z, "agent", agent, "cmd")}.*.*`,
  agentBeat: (z: string, agent: string) => build("mesh.z", z, "agent", agent, "beat"),
  agentThrough: (z: string, agent: string, run: string) => build("mesh.z", z, "agent", agent, "through", run),
  childBeat: (z: string, child: string) => build("mesh.z", z, "zone", child, "beat"),
  /** Everything that tells one agent what is covered. */
  agentThroughs: (z: string, agent: string) => `${build("mesh.z", z, "agent", agent, "through")}.*`,
  syncArrival: (z: string, run: string, barrier: string, participant: string) =>
    build("mesh.z", z, "sync", run, barrier, "arrive", participant),
  syncRelease: (z: string, run: string, barrier: string) =>
    build("mesh.z", z, "sync", run, barrier, "release"),
  syncOnce: (z: string, run: string, name: string) => build("mesh.z", z, "sync", run, name, "once"),
  /** All sync state of one run: purged with it. */
  syncRun: (z: string, run: string) => `${build("mesh.z", z, "sync", run)}.>`,
} as const;

/** What a subject says: the names in it. Undefined when it does not follow the grammar. */
export interface Address {
  readonly zone?: string;
  readonly agent?: string;
  readonly child?: string;
  readonly run?: string;
  readonly type?: string;
  readonly barrier?: string;
  readonly participant?: string;
  /** Whose login a command came by. */
  readonly principal?: string;
  /** Whose log was watched. */
  readonly server?: string;
}

/** Grammars, most specific first. `:name` is one token. */
const GRAMMAR = [
  "mesh.r.run.:run.event.:type",
  "mesh.r.run.:run.interval",
  "mesh.r.cmd.:run.:type",
  "mesh.r.by.:principal.cmd.:run.:type",
  "mesh.r.mesh.event.:type",
  "mesh.r.watch.:server",
  "mesh.r.pulse",
  "mesh.z.:zone.beat",
  "mesh.z.:zone.up.event.:type",
  "mesh.z.:zone.up.interval.:run",
  "mesh.z.:zone.cmd.:run.:type",
  "mesh.z.:zone.through.:run",
  "mesh.z.:zone.event.:type",
  "mesh.z.:zone.interval.:run",
  "mesh.z.:zone.pulse",
  "mesh.z.:zone.watch.:server",
  "mesh.z.:zone.agent.:agent.report.:type",
  "mesh.z.:zone.agent.:agent.interval.:run",
  "mesh.z.:zone.agent.:agent.cmd.:run.:type",
  "mesh.z.:zone.agent.:agent.beat",
  "mesh.z.:zone.agent.:agent.through.:run",
  "mesh.z.:zone.zone.:child.beat",
  "mesh.z.:zone.sync.:run.:barrier.arrive.:participant",
  "mesh.z.:zone.sync.:run.:barrier.release",
  "mesh.z.:zone.sync.:run.:barrier.once",
].map((grammar) => grammar.split("."));

/** The kind of a subject: the subject with its names taken out, as a wiretap lists it. */
export function subjectKind(subject: string): string | undefined {
  const grammar = grammarOf(subject.split("."));
  return grammar?.map((token) => (token.startsWith(":") ? "*" : token)).join(".");
}

/** Takes a subject apart; the inverse of the builders (the subject law). */
export function parseSubject(subject: string): Address | undefined {
  const tokens = subject.split(".");
  const grammar = grammarOf(tokens);
  if (grammar === undefined) return undefined;
  const names = grammar.flatMap((token, i) => (token.startsWith(":") ? [[token.slice(1), tokens[i]]] : []));
  return Object.fromEntries(names) as Address;
}

function grammarOf(tokens: readonly string[]): readonly string[] | undefined {
  return GRAMMAR.find(
    (grammar) =>
      grammar.length === tokens.length &&
      grammar.every((want, i) => (want.startsWith(":") ? TOKEN.test(tokens[i] ?? "") : want === tokens[i])),
  );
}

function build(...parts: string[]): string {
  const [prefix, ...rest] = parts;
  for (const part of rest) {
    if (!TOKEN.test(part)) throw new Error(`not a subject token: ${JSON.stringify(part)}`);
  }
  return [prefix, ...rest].join(".");
}
