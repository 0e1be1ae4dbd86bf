/**
 * What a simulated script does: its scenarios' requests, its stages, and whether it aborts or fails. It is the bundle of
 * a run: the door stores it, zones copy it, agents fetch it, workers read it – as any bundle.
 */

export interface ScenarioModel {
  /** Requests of an iteration, one after the other. */
  readonly requests: number;
  /** Service time: the median, and how heavy the tail is (smaller is heavier). */
  readonly medianUs: number;
  readonly shape: number;
  /** Chance that the target answers with a failure. */
  readonly failure: number;
  /** Between two requests. */
  readonly thinkUs: number;
  /** Its own stages. */
  readonly setup?: StageModel;
  readonly teardown?: StageModel;
}

export interface StageModel {
  readonly requests: number;
  readonly serviceUs: number;
  readonly throws: boolean;
}

export interface ScriptModel {
  readonly seed: number;
  readonly scenarios: Readonly<Record<string, ScenarioModel>>;
  readonly setup?: StageModel;
  readonly teardown?: StageModel;
  readonly summary?: StageModel;
  /** The iteration of this scenario with this global index calls `abort()` at its end. */
  readonly abort?: { readonly scenario: string; readonly index: number };
  /** Module scope throws. */
  readonly failsInit: boolean;
}

export const encodeModel = (model: ScriptModel): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(model));

export const decodeModel = (bundle: Uint8Array): ScriptModel =>
  JSON.parse(new TextDecoder().decode(bundle)) as ScriptModel;

/** Names of the functions of a scenario's own stages, as its options have them. */
export const stageOptionsOf = (name: string, { setup, teardown }: ScenarioModel) => ({
  ...(setup === undefined ? {} : { setup: `setup_${name}` }),
  ...(teardown === undefined ? {} : { teardown: `teardown_${name}` }),
});

/** What the script exports. */
export const exportsOf = ({ scenarios, setup, summary, teardown }: ScriptModel): readonly string[] => [
  "default",
  "options",
  ...Object.entries(scenarios).flatMap(([name, model]) => Object.values(stageOptionsOf(name, model))),
  ...(setup === undefined ? [] : ["setup"]),
  ...(teardown === undefined ? [] : ["teardown"]),
  ...(summary === undefined ? [] : ["handleSummary"]),
];
