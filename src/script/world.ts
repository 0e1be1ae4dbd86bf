/**
 * Makes the module `loadmesh` of one VU: the same functions for every VU, each bound to its own connections,
 * cookies, tags and iteration, so that nothing has to be looked up by asynchronous context.
 */
import type { Execution, Loadmesh } from "./api.ts";
import { type KnownMetrics, type MetricClasses, metricClasses } from "./custom-metrics.ts";
import { dataFileOf, sharedArrayOf } from "./data.ts";
import { abortOf, checkOf, fail, groupOf, sleepOf } from "./flow.ts";
import { httpOf } from "./http-api.ts";
import type { Requests } from "./http-calls.ts";
import { randomFunctions } from "./random.ts";
import { secretsOf } from "./secrets.ts";
import type { VuState } from "./vu-state.ts";

const vuOf = (vu: VuState): Execution["vu"] => ({
  idInTest: vu.identity.idInTest,
  idInInstance: vu.identity.idInInstance,
  get iterationInScenario() {
    return vu.iteration;
  },
  get iterationInInstance() {
    return vu.iteration;
  },
});

const scenarioOf = (vu: VuState): Execution["scenario"] => ({
  name: vu.identity.scenario,
  executor: vu.identity.executor,
  get startTime() {
    return vu.identity.scenarioStartMs;
  },
  get iterationInTest() {
    return vu.iterationInTest;
  },
  get iterationInInstance() {
    return vu.iterationInInstance;
  },
});

/** Its parts are made when they are asked for: with thousands of VUs, what a script does not use is not held. */
function executionOf(vu: VuState, abort: Loadmesh["abort"]): Execution {
  let own: Execution["vu"] | undefined;
  let scenario: Execution["scenario"] | undefined;
  return {
    get vu() {
      return (own ??= vuOf(vu));
    },
    get scenario() {
      return (scenario ??= scenarioOf(vu));
    },
    test: { abort },
  };
}

interface DefaultExport {
  readonly default: Loadmesh["http"];
  readonly __esModule: true;
}

/** The module `loadmesh` for this VU. */
export function makeWorld(
  vu: VuState,
  client: Requests,
  known: KnownMetrics,
): Loadmesh & MetricClasses & DefaultExport {
  const abort = abortOf(vu);
  const http = httpOf(vu, client);
  return {
    http,
    // `import http from "loadmesh"`, as scripts of k6 have it from "k6/http"; bundles look for the mark.
    default: http,
    __esModule: true,
    check: checkOf(vu),
    group: groupOf(vu),
    sleep: sleepOf(vu),
    ...metricClasses(vu, known),
    ...randomFunctions(vu.random),
    secrets: secretsOf(vu),
    dataFile: dataFileOf(vu),
    SharedArray: sharedArrayOf(vu),
    exec: executionOf(vu, abort),
    abort,
    fail,
  };
}
