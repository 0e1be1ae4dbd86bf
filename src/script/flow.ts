/**
 * What steers a script: `check`, `group`, `sleep`, `fail` and `abort` of one VU.
 */
import { builtin } from "../domain/metric/builtin.ts";
import { DURATION_MAX_MS } from "../domain/plan/duration.ts";
import type { Check, Group, Loadmesh, Sleep } from "./api.ts";
import type { VuState } from "./vu-state.ts";

/** Thrown by `fail`; an iteration that ends with it has failed on purpose. */
export class IterationFailed extends Error {
  override name = "IterationFailed";
}

/** Thrown by `abort`, after the run was told; nothing needs to be logged. */
export class RunAborted extends Error {
  override name = "RunAborted";
}

/** A promise is true whatever becomes of it: such a check could not fail. */
function promised(name: string, said: Promise<unknown>): TypeError {
  // What becomes of it matters no more.
  said.catch(() => undefined);
  return new TypeError(`check "${name}": its condition gave a promise; await it before check()`);
}

export function checkOf(vu: VuState): Check {
  return (value, conditions, tags) => {
    vu.needRun("check");
    const scope = vu.scope.with(tags);
    let all = true;
    for (const name of Object.keys(conditions)) {
      const condition: unknown = conditions[name];
      // As in k6, a condition may be a plain value; one that throws lets the iteration fail, uncounted.
      const said =
        typeof condition === "function" ? (condition as (of: unknown) => unknown)(value) : condition;
      if (said instanceof Promise) throw promised(name, said);
      const held = Boolean(said);
      if (!held) all = false;
      vu.sink.nowUs();
      vu.sink.add(scope.check(name), held ? 1 : 0);
    }
    return all;
  };
}

/** A VU is in one group at a time: nobody can tell to which of two at once a request belongs. */
function tellOverlap({ settings }: VuState, name: string): void {
  settings.mistake(
    "groups at once",
    `group "${name}" ended while another that began in it went on: await each group before the next; ` +
      "what they did at once is counted under the wrong one",
    new Error("here"),
  );
}

export function groupOf(vu: VuState): Group {
  return async (name, fn) => {
    vu.needRun("group");
    if (name.includes("::")) throw new Error(`group name "${name}" must not contain "::"`);
    const { epoch } = vu;
    const outer = vu.scope;
    const inner = outer.enter(name);
    const startUs = vu.sink.nowUs();
    vu.scope = inner;
    try {
      return await fn();
    } finally {
      if (vu.epoch === epoch) {
        if (vu.scope !== inner) tellOverlap(vu, name);
        vu.scope = vu.scope === inner ? outer : vu.rootScope;
        vu.sink.add(inner.metric(builtin("group_duration")), vu.sink.nowUs() - startUs);
      }
    }
  };
}

export function sleepOf(vu: VuState): Sleep {
  return (seconds) => {
    vu.needRun("sleep");
    if (typeof seconds !== "number" || !(seconds >= 0)) {
      throw new TypeError(`sleep(${String(seconds)}): give a number of seconds, 0 or more`);
    }
    if (vu.phase === "cut") return new Promise(() => undefined);
    const { epoch } = vu;
    const call = vu.inFlight.begin();
    return new Promise((resolve) => {
      const wake = () => {
        if (vu.epoch !== epoch) return;
        vu.inFlight.end(call);
        resolve();
      };
      setTimeout(wake, Math.min(seconds * 1000, DURATION_MAX_MS));
    });
  };
}

export const fail: Loadmesh["fail"] = (message = "fail() was called") => {
  throw new IterationFailed(message);
};

export function abortOf(vu: VuState): Loadmesh["abort"] {
  return (reason = "abort() was called") => {
    if (vu.phase !== "module") vu.settings.abort(reason);
    throw new RunAborted(reason);
  };
}
