/** A worker's requests to the target: sent, answered and recorded, or cut. Counts what no sample has, as the engine does. */
import { builtin } from "../../../src/domain/metric/builtin.ts";
import type { TagScope } from "../../../src/script/tag-scope.ts";
import type { Chance } from "../kernel/chance.ts";
import type { Due } from "../kernel/event-queue.ts";
import type { Process } from "../kernel/process.ts";
import type { Asking, Target } from "./target.ts";
import type { SimWindows } from "./sim-windows.ts";

export type Who = Pick<Asking, "run" | "zone" | "agent" | "source" | "worker">;
export type What = Pick<Asking, "scenario" | "stage" | "iteration" | "isLast" | "isAbort">;

export interface Service {
  readonly medianUs: number;
  readonly shape: number;
  readonly failure: number;
}

const SERVICE_US_MIN = 300;
const SERVICE_US_MAX = 8_000_000;

export class Client {
  readonly #who: Who;
  readonly #target: Target;
  readonly #process: Process;
  readonly #windows: SimWindows;
  readonly #chance: Chance;
  readonly #underWay = new Set<Due>();
  interruptedRequests = 0;
  lastRequestUs: number | undefined;

  constructor(who: Who, target: Target, process: Process, windows: SimWindows, chance: Chance) {
    this.#who = who;
    this.#target = target;
    this.#process = process;
    this.#windows = windows;
    this.#chance = chance;
  }

  /** Sends a request; `done` is called when its answer was recorded. Returns what it waits for, to cut it. */
  ask(what: What, service: Service, scope: TagScope, done: () => void): Due {
    const status = this.#chance.isTrue(service.failure) ? 500 : 200;
    const drawnUs = this.#chance.heavyTailed(service.medianUs, service.shape);
    const serviceUs = Math.round(Math.min(SERVICE_US_MAX, Math.max(SERVICE_US_MIN, drawnUs)));
    this.lastRequestUs = this.#windows.nowUs();
    const request = this.#target.request({ ...this.#who, ...what, status, serviceUs });
    const timer = this.#process.after(serviceUs, () => {
      this.#underWay.delete(timer);
      request.answered();
      this.#windows.nowUs();
      this.#record(scope, status, serviceUs);
      done();
    });
    this.#underWay.add(timer);
    return timer;
  }

  /** Takes back what an iteration waits for: an answer, or the end of a pause. */
  cut(timer: Due): void {
    timer.act = undefined;
    if (this.#underWay.delete(timer)) this.interruptedRequests += 1;
  }

  #record(scope: TagScope, status: number, serviceUs: number): void {
    const tagged = scope.with({ status });
    this.#windows.add(tagged.metric(builtin("http_reqs")), 1);
    this.#windows.add(tagged.metric(builtin("http_req_failed")), status === 200 ? 0 : 1);
    this.#windows.add(tagged.metric(builtin("http_req_duration")), serviceUs);
  }
}
