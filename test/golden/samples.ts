/**
 * One realistic sample of every message of the contract, written by hand: a checkout test in two zones, of which
 * `fra` has two agents. Typed by the schemas; `messages.test.ts` compares their bytes with those committed.
 */
import type { Role } from "../../streams/asset.ts";
import type { Envelope } from "../../streams/envelope.ts";
import type { Family, families } from "../../streams/index.ts";
import type { MessageDefinition } from "../../streams/message.ts";
import type { Cause, Failure, WorkerDeath } from "../../streams/schema/cause.ts";
import type { AgentFinish, AgentLoss, Aside } from "../../streams/schema/finish.ts";
import type { Plan, PlanRequest } from "../../streams/schema/plan.ts";
import type { Share } from "../../streams/schema/share.ts";

/** A body for every definition of every family: the compiler names a missing one. */
export type Samples = {
  readonly [F in Family]: {
    readonly [T in keyof (typeof families)[F]]: (typeof families)[F][T] extends { schema: { Type: infer Body } }
      ? Body
      : never;
  };
};

const run = "mwr2lmo0-k7d2qx";
const bundle = "3f79bb7b435b05321651daefd374cdc681dc06faa65e374e38337b88ca046dea";
const startAt = 1_795_305_603_250_000;
const session = "b3JkZXJlZC1zZXNzaW9u";

const plan: Plan = {
  script: "checkout.ts",
  bundle,
  scenarios: {
    browse: {
      executor: "constant-vus", exec: "default", startTimeMs: 0, gracefulStopMs: 30_000,
      env: {}, tags: { team: "shop" }, vus: 20, durationMs: 60_000,
    },
    pay: {
      executor: "constant-arrival-rate", exec: "pay", startTimeMs: 5_000, gracefulStopMs: 10_000,
      env: { CURRENCY: "EUR" }, tags: {}, rate: 50, timeUnitMs: 1_000, durationMs: 55_000, preAllocatedVus: 10, maxVus: 40,
    },
    warm: {
      executor: "per-vu-iterations", exec: "default", startTimeMs: 0, gracefulStopMs: 30_000,
      env: {}, tags: {}, vus: 4, iterations: 5, maxDurationMs: 600_000,
    },
    import: {
      executor: "shared-iterations", exec: "importOne", startTimeMs: 0, gracefulStopMs: 30_000,
      env: {}, tags: {}, vus: 3, iterations: 100, maxDurationMs: 600_000,
    },
  },
  thresholds: {
    http_req_failed: [{ threshold: "rate<0.01", abortOnFail: true, delayAbortEvalMs: 10_000 }],
    "http_req_duration{scenario:pay}": [{ threshold: "p(95)<500", abortOnFail: false, delayAbortEvalMs: 0 }],
  },
  zones: [{ zone: "fra", weight: 2 }, { zone: "iad", weight: 1 }],
  agents: 3,
  env: ["BASE_URL"],
  tags: { release: "2026.47" },
  hasSetup: true,
  hasTeardown: true,
  hasHandleSummary: false,
  setupTimeoutMs: 60_000,
  teardownTimeoutMs: 60_000,
  handleSummaryTimeoutMs: 120_000,
  summaryTrendStats: ["avg", "min", "med", "max", "p(90)", "p(95)"],
  discardResponseBodies: false,
  noConnectionReuse: false,
  insecureSkipTlsVerify: false,
  userAgent: "mesh/0.1.0",
  requestTimeoutMs: 60_000,
  windowMs: 200,
  latenessMs: 300,
  onSilence: { do: "stop", afterMs: 300_000 },
  onAgentLoss: { do: "tolerate", percent: 34 },
  seed: 42,
};

const request: PlanRequest = {
  script: "checkout.ts",
  bundle,
  options: { vus: 20, duration: "1m", thresholds: { http_req_failed: ["rate<0.01"] } },
  exports: ["default", "options", "setup", "teardown"],
  flags: { vus: 25, duration: "90s" },
  zones: [{ zone: "fra", weight: 2 }, { zone: "iad", weight: 1 }],
  agents: 3,
  env: ["BASE_URL"],
  embedded: false,
  seed: 42,
};

const zoneShare: Share = [{ weights: [2, 1], index: 0 }];
const agentShare: Share = [...zoneShare, { weights: [4, 4], index: 1 }];
const tallies = {
  browse: { planned: 1204, started: 1204, completed: 1198, interrupted: 6, dropped: 0 },
  pay: { planned: 917, started: 915, completed: 915, interrupted: 0, dropped: 2 },
};
const finish: AgentFinish = {
  agent: "fra-2",
  incarnation: 9,
  tallies,
  intervals: 301,
  lastRequestAt: startAt + 60_412_907,
  endedAt: startAt + 60_413_240,
  startLateUs: 184,
  clockOffsetUs: 2310,
  clockErrorUs: 145,
  whole: true,
  interruptedRequests: 3,
};
const loss: AgentLoss = {
  agent: "fra-1",
  incarnation: 7,
  reason: "no heartbeat for 3 s",
  tallies,
  intervals: 118,
  lastWindow: 118,
};
const aside: Aside = { intervals: 2, reason: "they did not arrive within 10 s" };
const aborted: Cause = { kind: "person", message: "Ana stopped the run: wrong target", by: "ana@laptop-17" };
const failure: Failure = {
  kind: "threw",
  message: "fixture user 'müller' is missing",
  file: "checkout.ts",
  line: 14,
  column: 9,
  stack: "Error: fixture user 'müller' is missing\n    at setup (checkout.ts:14:9)",
};
const death: WorkerDeath = {
  worker: "fra-2.9/w1",
  cause: "called process.exit(3)",
  lastLines: ["cart: 3 of 4", "giving up"],
  iteration: { scenario: "shoppers", number: 4711, vu: 12 },
};
const member = { agent: "fra-2", incarnation: 9, workers: 4, host: "ip-10-0-3-12" };
const origin = { stream: "MESH_UP_fra_EVENTS", sequence: 214, id: "fra.3.77" };
const token = { token: "t-4711", users: [1, 2, 3], quota: null };

const refused = {
  server: "hub-1", principal: "zone-fra", operation: "publish", subject: "mesh.z.lon.beat", at: startAt, count: 17,
  detail: "Publish Violation",
};

export const samples: Samples = {
  "run event": {
    RunPlanned: { type: "RunPlanned", plan, actor: "ana@laptop-17" },
    RunRefused: {
      type: "RunRefused",
      problems: [
        { path: "scenarios.pay.rate", message: "is 0, must be at least 1", hint: "use startTime to begin later" },
        { path: "thresholds.http_req_fail", message: "no such metric" },
      ],
      actor: "ana@laptop-17",
    },
    RunAssigned: {
      type: "RunAssigned",
      shares: [
        { zone: "fra", share: zoneShare, agents: 2 },
        { zone: "iad", share: [{ weights: [2, 1], index: 1 }], agents: 1 },
      ],
    },
    ZoneReady: { type: "ZoneReady", zone: "fra", incarnation: 3, members: [member], origin },
    RunReady: { type: "RunReady" },
    StageAttempted: { type: "StageAttempted", stage: "setup", zone: "fra", agent: "fra-2", incarnation: 9 },
    StageEnded: { type: "StageEnded", stage: "setup", result: "succeeded", value: token, origin },
    RunStarted: { type: "RunStarted", startAt },
    AgentLost: { type: "AgentLost", zone: "fra", loss, origin },
    WorkerLost: { type: "WorkerLost", zone: "fra", agent: "fra-2", incarnation: 9, death, origin },
    ZoneLost: { type: "ZoneLost", zone: "iad", reason: "nothing heard for 30 s" },
    RunStopping: {
      type: "RunStopping",
      cause: { kind: "threshold", message: "http_req_failed was 0.034, must be rate<0.01", by: "http_req_failed" },
    },
    RunDraining: { type: "RunDraining" },
    ZoneFinished: { type: "ZoneFinished", zone: "fra", incarnation: 3, agents: [finish], intervals: 302, aside, origin },
    LeaderChanged: { type: "LeaderChanged", root: "root-b", epoch: 5 },
    SummaryRecorded: {
      type: "SummaryRecorded",
      intervals: 305,
      sha256: "9c56cc51b374c3ba189210d5b6d4bf57790d351c96c47c02190ecf1e430635ab",
      summary: { metrics: { http_reqs: { type: "counter", count: 4213 } }, ledger: { browse: tallies.browse } },
    },
    VerdictGiven: {
      type: "VerdictGiven",
      revision: 0,
      outcome: "failed",
      exitCode: 99,
      message: "1 of 2 thresholds failed: http_req_duration{scenario:pay} p(95)<500 was 731 ms",
    },
    LateDataAwaited: { type: "LateDataAwaited", until: startAt + 660_000_000, zones: ["iad"] },
    ReportRevised: {
      type: "ReportRevised",
      revision: 1,
      intervals: 309,
      sha256: "1f0f7d4d6f0f0b6f3f2e7c1c2f2c7f1a9a6b8f0e0d5c4b3a29181716151413aa",
      summary: { metrics: { http_reqs: { type: "counter", count: 4391 } } },
      outcome: "failed",
      exitCode: 99,
      message: "thresholds failed: http_req_duration{scenario:pay} p(95)<500",
    },
    RunClosed: { type: "RunClosed", reason: "everything is in" },
    NoteAdded: {
      type: "NoteAdded",
      id: "note-7f3a",
      text: "the cache was cold",
      actor: "ada@laptop",
    },
    LandingAttempted: { type: "LandingAttempted", attempt: 1 },
    HistoryLanded: {
      type: "HistoryLanded",
      attempt: 1,
      revision: 1,
      intervals: 309,
      rows: { runs: 1, trends: 2472, counters: 1854, gauges: 618, rates: 309 },
    },
  },
  "zone event": {
    ZoneStarted: { type: "ZoneStarted", zone: "fra", incarnation: 3, protocol: 1, program: "mesh 0.1.0" },
    AgentJoined: {
      type: "AgentJoined", agent: "fra-2", session, incarnation: 9, cores: 4, host: "ip-10-0-3-12", labels: { disk: "ssd" },
    },
    AgentRefused: { type: "AgentRefused", agent: "fra-9", session, reason: "speaks protocol 2, this zone speaks 1" },
    AgentLeft: { type: "AgentLeft", agent: "fra-2", incarnation: 9 },
    ShareAssigned: { type: "ShareAssigned", run, plan, share: zoneShare, agents: 2 },
    ShareDivided: {
      type: "ShareDivided",
      run,
      parts: [
        { agent: "fra-1", incarnation: 7, share: [...zoneShare, { weights: [4, 4], index: 0 }], workers: 4, host: "ip-10-0-3-11" },
        { agent: "fra-2", incarnation: 9, share: agentShare, workers: 4, host: "ip-10-0-3-12" },
      ],
    },
    ShareRefused: {
      type: "ShareRefused",
      run,
      cause: { kind: "agents-missing", message: "zone fra has 1 agent, the run needs 2", by: "fra" },
    },
    AgentReady: { type: "AgentReady", run, agent: "fra-2", incarnation: 9 },
    AgentFailed: {
      type: "AgentFailed", run, agent: "fra-2", incarnation: 9,
      failure: { kind: "lost", message: "worker 3 ran out of memory" },
    },
    ShareReady: { type: "ShareReady", run, incarnation: 3, members: [member] },
    ShareStarted: { type: "ShareStarted", run, startAt, zoneStartAt: startAt + 2310 },
    StageReported: { type: "StageReported", run, stage: "setup", agent: "fra-2", incarnation: 9, failure, intervals: 2, aside },
    AbortRequested: {
      type: "AbortRequested", run, agent: "fra-2",
      cause: { kind: "script", message: "abort(): stock is empty", by: "fra-2" },
    },
    AgentLost: { type: "AgentLost", run, loss },
    ShareStopping: { type: "ShareStopping", run, cause: aborted },
    AgentFinished: { type: "AgentFinished", run, finish },
    ChildReady: { type: "ChildReady", run, zone: "fra-lab", incarnation: 2, members: [{ ...member, zone: "fra-lab" }], origin },
    ChildLost: { type: "ChildLost", run, zone: "fra-lab", reason: "zone fra-lab below zone fra was not heard for 12 s" },
    ChildFinished: { type: "ChildFinished", run, zone: "fra-lab", agents: [{ ...finish, zone: "fra-lab" }], intervals: 301, origin },
    ShareFinished: { type: "ShareFinished", run, incarnation: 3, agents: [finish], intervals: 302, aside },
    ShareForgotten: { type: "ShareForgotten", run },
    AccessRefused: { type: "AccessRefused", ...refused },
  },
  "mesh event": {
    ZoneSeen: { type: "ZoneSeen", zone: "fra", program: "mesh/0.6.0", protocol: 1, host: "ip-10-0-3-2", parent: "eu" },
    ZoneSilent: { type: "ZoneSilent", zone: "fra", since: startAt },
    ZoneReturned: { type: "ZoneReturned", zone: "fra", silentMs: 61_250 },
    ZoneDrained: { type: "ZoneDrained", zone: "fra", actor: "door-ana (ana@laptop-17)", reason: "the rack is moved" },
    ZoneUndrained: { type: "ZoneUndrained", zone: "fra", actor: "ana@laptop-17" },
    ZoneRevoked: { type: "ZoneRevoked", zone: "fra", actor: "door-ana (ana@laptop-17)", at: startAt },
    AccessRefused: {
      type: "AccessRefused", ...refused, zone: "fra", origin: { stream: "MESH_UP_fra_EVENTS", sequence: 214, id: "zone-fra.31.4" },
    },
    ScriptRefused: {
      type: "ScriptRefused", zone: "fra", run, reason: "10.0.0.5 is not on the list of zone fra",
      origin: { stream: "MESH_UP_fra_EVENTS", sequence: 215, id: "zone-fra.32.4" },
    },
    CommandRefused: { type: "CommandRefused", command: "DrainZone", actor: "ana@laptop-17", reason: "zone fra1 was never heard" },
    RunRemoved: { type: "RunRemoved", run, actor: "door-ana (ana@laptop-17)", script: "checkout.ts" },
  },
  "door command": {
    PlanRun: { type: "PlanRun", run, request },
    AbortRun: { type: "AbortRun", run, cause: aborted },
    AddNote: { type: "AddNote", run, text: "the cache was cold" },
    RemoveRun: { type: "RemoveRun", run },
    DrainZone: { type: "DrainZone", zone: "fra", undo: true, reason: "it is back" },
    ReportRevoked: { type: "ReportRevoked", zone: "fra", reason: "a laptop was lost" },
  },
  "node command": {
    Admit: { type: "Admit", session, incarnation: 9 },
    Refuse: { type: "Refuse", session, reason: "speaks protocol 2, this zone speaks 1" },
    Rejoin: { type: "Rejoin", session },
    AssignShare: { type: "AssignShare", run, plan, share: agentShare, agents: 1, workers: 4, incarnation: 9 },
    RunStage: { type: "RunStage", run, stage: "teardown", agent: "fra-2", incarnation: 9, input: token },
    StartRun: { type: "StartRun", run, startAt, setup: token },
    StopRun: { type: "StopRun", run, cause: aborted, incarnation: 9 },
    ForgetRun: { type: "ForgetRun", run },
  },
  report: {
    Hello: {
      type: "Hello", session, protocol: 1, program: "mesh 0.1.0", cores: 4, host: "ip-10-0-3-12", labels: { disk: "ssd" },
    },
    Goodbye: { type: "Goodbye", session, incarnation: 9 },
    PartFailed: {
      type: "PartFailed", run, incarnation: 9, failure: { kind: "timeout", message: "the VUs took longer than 60 s to start" },
    },
    StageDone: { type: "StageDone", run, incarnation: 9, stage: "setup", value: token, intervals: 2 },
    AbortCalled: {
      type: "AbortCalled", run, incarnation: 9, cause: { kind: "script", message: "abort(): stock is empty", by: "fra-2" },
    },
    PartFinished: { type: "PartFinished", run, finish },
  },
  "watch report": { Refused: { type: "Refused", ...refused } },
  beat: {
    Beat: {
      type: "Beat", node: "fra", session, incarnation: 3, protocol: 1, program: "mesh 0.1.0", host: "ip-10-0-3-2", pid: 4121,
      runs: [run], agents: [{ agent: "fra-2", incarnation: 9, cores: 4, host: "ip-10-0-3-12" }],
    },
  },
  pulse: { Pulse: { type: "Pulse", node: "fra", incarnation: 3, silentMs: 412 } },
  through: { Through: { type: "Through", run, source: "fra-2.9", ranges: [[0, 117], [119, 140]], incarnation: 3 } },
  sync: {
    Arrival: { type: "Arrival", participant: "fra-2", incarnation: 9 },
    Release: { type: "Release", value: { startAt, setup: token } },
    Once: { type: "Once", error: "the agent that ran setup was lost" },
  },
};

/** Hash of the event before a sample in its log; the first event of a log has none. */
const previousHash = "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9";
const firstOfLog: readonly string[] = ["RunPlanned", "RunRefused", "ZoneStarted", "ZoneSeen"];

const actors: Record<Role, string> = { root: "root-a", zone: "fra", agent: "fra-2", door: "ana@laptop-17", watch: "hub-1" };

/** An envelope as the writer of such a message fills it in; `previous` only for events. */
export function sampleEnvelope(family: Family, { type, version, writer }: MessageDefinition): Envelope {
  const envelope: Envelope = {
    id: `${run}.${type}.1`,
    type,
    version,
    time: startAt - 1_250_017,
    epoch: writer === "root" || writer === "zone" ? 4 : 0,
    actor: actors[writer],
    correlation: run,
    causation: `${run}.cause`,
  };
  if (family.endsWith("command")) return { ...envelope, expires: startAt + 30_000_000 };
  if (type === "ShareReady") return { ...envelope, previous: previousHash, sequence: 214 }; // as its parent gets it
  return family.endsWith("event") ? { ...envelope, previous: firstOfLog.includes(type) ? "" : previousHash } : envelope;
}
