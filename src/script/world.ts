/**
 * Makes the module `loadmesh` of one VU: the same functions for every VU, each bound to its own connections,
 * cookies, tags and iteration, so that nothing has to be looked up by asynchronous context.
 */
import type { Execution, Loadmesh } from "./api.ts";
import { type KnownMetrics, type MetricClasses, metricClasses } from "./custom-metrics.ts";
import { abortOf, checkOf, fail, groupOf, sleepOf } from "./flow.ts";
import type { HttpClient } from "./http-client.ts";
import type { Http } from "./http-types.ts";
import { randomFunctions } from "./random.ts";
import type { VuState } from "./vu-state.ts";

function httpOf(client: Pick<HttpClient, "request">): Http {
  return {
    get: (url, params) => client.request("GET", url, null, params),
    head: (url, params) => client.request("HEAD", url, null, params),
    post: (url, body, params) => client.request("POST", url, body, params),
    put: (url, body, params) => client.request("PUT", url, body, params),
    patch: (url, body, params) => client.request("PATCH", url, body, params),
    del: (url, body, params) => client.request("DELETE", url, body, params),
    options: (url, body, params) => client.request("OPTIONS", url, body, params),
    request: (method, url, body, params) => client.request(method, url, body, params),
  };
}

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

/** The module `loadmesh` for this VU. */
export function makeWorld(
  vu: VuState,
  client: Pick<HttpClient, "request">,
  known: KnownMetrics,
): Loadmesh & MetricClasses {
  const abort = abortOf(vu);
  return {
    http: httpOf(client),
    check: checkOf(vu),
    group: groupOf(vu),
    sleep: sleepOf(vu),
    ...metricClasses(vu, known),
    ...randomFunctions(vu.random),
    exec: executionOf(vu, abort),
    abort,
    fail,
  };
}
