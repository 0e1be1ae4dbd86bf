/**
 * One run on one worker: from the assignment to the last frame. Relies on the pace for when, on the recorder for
 * what; speaks to its agent only by `tell`. It never ends the process.
 */
import type { Tallies } from "../../streams/schema/ledger.ts";
import { Redaction } from "../domain/redaction.ts";
import { ZONE_TAG } from "../domain/metric/definition.ts";
import { paceOf } from "../domain/pace/pace-of.ts";
import { vuNumberOf } from "../domain/pace/plan-totals.ts";
import { DataFiles } from "../script/data-files.ts";
import { deepFreeze } from "../script/data-records.ts";
import { Rails } from "../script/guard/rails.ts";
import { RequestCeilings } from "../script/guard/request-ceilings.ts";
import { TagScope } from "../script/tag-scope.ts";
import type { Traffic, WorkerSettings } from "../script/vu-state.ts";
import type { Assignment, Ended, Initialised, StageOutcome, StopMode } from "../ports/workers.ts";
import { runClosed } from "./closed-loop.ts";
import { connectionsOf, guardProcess, targetGuardOf } from "./connections.ts";
import type { Footprint } from "./footprint.ts";
import { HealthMeter } from "./health-meter.ts";
import { deepTrace, Mistakes } from "./mistakes.ts";
import { runOpen } from "./open-loop.ts";
import { Program } from "./program.ts";
import type { FromWorker, ToWorker } from "./protocol.ts";
import { Recorder } from "./recorder.ts";
import { ScenarioRun } from "./scenario-run.ts";
import { ScriptLog } from "./script-log.ts";
import { sentFiles } from "./sent-files.ts";
import { SourcePlaces } from "./source-places.ts";
import { runStage } from "./stage-vu.ts";
import type { VuWorkshop } from "./vu.ts";
import { VuCounts } from "./vu-counts.ts";
import { Turn } from "./wake.ts";
import { WindowRecorder } from "./window-recorder.ts";

/** VUs initialised before other work gets a turn. */
const VUS_PER_TURN = 20;

export class WorkerSession {
  readonly #assignment: Assignment;
  readonly #redaction: Redaction;
  readonly #tell: (message: FromWorker) => void;
  readonly #places: SourcePlaces;
  readonly #windows: WindowRecorder;
  readonly #health: HealthMeter;
  readonly #footprint: Footprint;
  readonly #log: ScriptLog;
  readonly #traffic: Traffic = { interruptedRequests: 0, lastRequestUs: undefined };
  readonly #rails = new Rails();
  readonly #scenarios: ScenarioRun[] = [];
  readonly #mistakes: Mistakes;
  readonly #vuCounts = new VuCounts();
  #workshop: VuWorkshop | undefined;
  #aborted = false;
  #stopped = false;

  constructor(assignment: Assignment, tell: (message: FromWorker) => void, footprint: Footprint) {
    this.#assignment = assignment;
    this.#redaction = new Redaction(Object.values(assignment.secrets ?? {}));
    this.#tell = (message) => tell(this.#redacted(message));
    this.#footprint = footprint;
    footprint.name(Object.keys(assignment.plan.scenarios));
    this.#places = new SourcePlaces(assignment.sourceMap);
    const { agent, clockOffsetUs = 0, plan } = assignment;
    const lagBudgetUs = (plan.generator?.scheduleLagMs ?? Infinity) * 1000;
    this.#health = new HealthMeter(agent, clockOffsetUs, lagBudgetUs);
    this.#log = new ScriptLog(this.#places, (line) => this.#tell({ type: "log", line }));
    this.#mistakes = new Mistakes(this.#places, (message) => this.#tell({ type: "warning", message }));
    this.#windows = this.#makeWindows();
  }

  /** Compiles the bundle and runs module scope of every VU. */
  async init(): Promise<Initialised> {
    try {
      this.#workshop = this.#makeWorkshop(new Program(this.#assignment.bundle));
      return { ok: true, vus: await this.#makeVus(this.#workshop) };
    } catch (error) {
      return { ok: false, error: this.#places.describe(error) };
    }
  }

  async stage(message: Extract<ToWorker, { type: "stage" }>): Promise<void> {
    const { stage, input, timeoutMs } = message;
    const { env, plan } = this.#assignment;
    const result = this.#workshop
      ? await runStage(this.#workshop, { stage, input, timeoutMs, env, plan })
      : {
          kind: "failed" as const,
          error: this.#places.describe(new Error("the worker was not initialised")),
        };
    if (stage === "setup") this.#tellHidden(result);
    this.#tell({ type: "staged", result });
  }

  /** VUs would wonder at what they get. */
  #tellHidden(result: StageOutcome): void {
    if (JSON.stringify(this.#redaction.all(result)) === JSON.stringify(result)) return;
    const message =
      "setup() returned a secret, which reaches VUs redacted: call secrets.get where you need it";
    this.#tell({ type: "warning", message });
  }

  /** Runs every scenario, then tells the end. */
  async start({ ownData, setupData, startAtNs }: Extract<ToWorker, { type: "start" }>): Promise<void> {
    this.#windows.start(startAtNs);
    // Module scope and setup() may block for as long as they like: they are not the load.
    this.#health.take();
    this.#countFromZero();
    // What setup() did was timed on the clock before the start; its instant means nothing on the run's.
    this.#traffic.lastRequestUs = undefined;
    // Every VU gets the same; none may change what another sees.
    const dataOf = ({ settings: { name } }: ScenarioRun) =>
      deepFreeze(Object.hasOwn(ownData, name) ? ownData[name] : setupData);
    await Promise.all(
      this.#scenarios.map((run) => run.run(dataOf(run), run.pace.model === "open" ? runOpen : runClosed)),
    );
    this.#windows.finish();
    this.#tell({ type: "ended", end: this.#end() });
  }

  /** A counter that the script made has counted 0 until it counts: a threshold on it has data from the start. */
  #countFromZero(): void {
    for (const metric of this.#workshop?.known.values() ?? []) {
      if (metric.kind === "counter") this.#windows.series(metric, {});
    }
  }

  stop(mode: StopMode): void {
    this.#stopped = true;
    for (const scenario of this.#scenarios) scenario.stop(mode);
  }

  flush(): void {
    this.#windows.flush();
    this.#tell({ type: "flushed" });
  }

  /** Something threw where no iteration can catch it: a timer, or a promise nobody awaited. */
  stray(error: unknown): void {
    const last = this.#footprint.last;
    const where =
      last === undefined ? "" : ` (last ran iteration ${last.number} of ${last.scenario}, VU ${last.vu})`;
    this.#log.failed(`an error outside any iteration${where}`, error);
  }

  #end(): Ended {
    const { interruptedRequests, lastRequestUs } = this.#traffic;
    const guarded = this.#rails.all;
    const tallies: Tallies = Object.fromEntries(this.#scenarios.map((run) => [run.settings.name, run.tally]));
    return {
      tallies,
      frames: this.#windows.frames,
      lastRequestAtNs: lastRequestUs === undefined ? undefined : this.#windows.instantOf(lastRequestUs),
      interruptedRequests,
      ...(guarded.length === 0 ? {} : { guarded }),
      stopped: this.#stopped,
    };
  }

  /** Frames have no texts but names and tags, which the recorder redacts. */
  #redacted(message: FromWorker): FromWorker {
    return message.type === "frame" || message.type === "ended" ? message : this.#redaction.all(message);
  }

  #makeWindows(): WindowRecorder {
    const { name, plan, zone } = this.#assignment;
    const recorder = new Recorder(
      name,
      { ...plan.tags, [ZONE_TAG]: zone },
      { elapsedUs: () => windows.elapsedUs(), redaction: this.#redaction },
    );
    const windows: WindowRecorder = new WindowRecorder({
      windowMs: plan.windowMs,
      recorder,
      health: this.#health,
      send: (bytes) => this.#tell({ type: "frame", bytes }),
      sampleGauges: () => this.#vuCounts.sample(recorder, this.#scenarios),
      refusedTag: (tag) => this.#mistakes.tell(`tag ${tag}`, refusedTagText(tag, zone), deepTrace()),
    });
    return windows;
  }

  #settings(): WorkerSettings {
    const { files = [], guards = [], plan, secrets = {}, seed } = this.#assignment;
    return {
      files: new DataFiles(sentFiles(files)),
      secrets,
      scenarios: Object.keys(plan.scenarios),
      sink: this.#windows,
      seed,
      requestTimeoutMs: plan.requestTimeoutMs,
      discardResponseBodies: plan.discardResponseBodies,
      userAgent: plan.userAgent,
      reuseConnections: !plan.noConnectionReuse,
      verifyTls: !plan.insecureSkipTlsVerify,
      http: plan.http ?? {},
      forgotten: { warned: false, seen: false },
      traffic: this.#traffic,
      rails: this.#rails,
      ceilings: RequestCeilings.of(guards, this.#rails, (reason) => this.#abort("ceiling", reason)),
      running: (scenario, iteration, vu) => this.#footprint.note(scenario, iteration, vu),
      abort: (reason) => this.#abort("abort", reason),
      warn: (message) => this.#tell({ type: "warning", message }),
      mistake: (topic, message, trace) => this.#mistakes.tell(topic, message, trace),
    };
  }

  /** Told once; nothing new starts here while the word goes round. */
  #abort(type: "abort" | "ceiling", reason: string): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#tell({ type, reason });
    for (const scenario of this.#scenarios) scenario.stop("drain");
  }

  #makeWorkshop(program: Program): VuWorkshop {
    const settings = this.#settings();
    const guard = targetGuardOf(this.#assignment);
    const connections = connectionsOf(settings, this.#windows, guard);
    guardProcess(this.#assignment, guard, ({ message, rail }) => {
      this.#rails.count(rail, "refused");
      this.#mistakes.tell(`guard ${rail}`, `${message}; others like it will be, too`, deepTrace());
    });
    return { program, places: this.#places, settings, connections, known: new Map(), log: this.#log };
  }

  async #makeVus(workshop: VuWorkshop): Promise<number> {
    const { plan, share, env } = this.#assignment;
    const turn = new Turn();
    let before = 0;
    let instances = 0;
    for (const [name, scenario] of Object.entries(plan.scenarios)) {
      const pace = paceOf(scenario, share);
      const numberOf = pace.vusMax > 0 ? vuNumberOf(scenario, share) : () => 0;
      const earlier = before;
      const run = new ScenarioRun({
        name,
        scenario,
        pace,
        workshop,
        scope: new TagScope(this.#windows, { ...scenario.tags, scenario: name }),
        env: { ...env, ...scenario.env },
        health: this.#health,
        turn,
        minIterationMs: plan.minIterationDurationMs,
        vuNumber: (local) => earlier + numberOf(local),
        nextInstance: () => ++instances,
      });
      this.#scenarios.push(run);
      before += paceOf(scenario, []).vusMax;
      for (let vu = 0; vu < pace.vus; vu++) {
        run.addVu();
        if (vu % VUS_PER_TURN === VUS_PER_TURN - 1) await turn.next();
      }
    }
    return instances;
  }
}

const refusedTagText = (tag: string, zone: string): string =>
  `the tag "${tag}" is the mesh's own, "${zone}" here: a sample's own value for it is left out; use another name`;
