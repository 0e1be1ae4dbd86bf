/**
 * What steers a script: `check`, `group`, `sleep`, `fail` and `abort` of one VU.
 */
import { builtin } from "../domain/metric/builtin.ts";
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

export function checkOf(vu: VuState): Check {
  return (value, conditions, tags) => {
    vu.needRun("check");
    const scope = vu.scope.with(tags);
    let all = true;
    for (const name of Object.keys(conditions)) {
      const condition: unknown = conditions[name];
      // As in k6, a condition may be a plain value; one that throws lets the iteration fail, uncounted.
      const held = Boolean(
        typeof condition === "function" ? (condition as (of: unknown) => unknown)(value) : condition,
      );
      if (!held) all = false;
      vu.sink.nowUs();
      vu.sink.add(scope.check(name), held ? 1 : 0);
    }
    return all;
  };
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
        vu.scope = outer;
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
    const { epoch } = vu;
    const call = vu.inFlight.begin();
    return new Promise((resolve) => {
      setTimeout(() => {
        if (vu.epoch !== epoch) return;
        vu.inFlight.end(call);
        resolve();
      }, seconds * 1000);
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
