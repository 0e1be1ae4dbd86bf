/**
 * `setup()`, `teardown()`, those of scenarios, and `handleSummary()` on one worker: a VU of their own (number 0), bounded by the stage's
 * timeout. What they return crosses processes as JSON, so what JSON cannot carry is told to the author here.
 */
import type { Stage } from "../../streams/schema/cause.ts";
import type { Plan } from "../../streams/schema/plan.ts";
import { functionOf, kindOf, scenarioOf } from "../domain/run/stages.ts";
import type { ScriptFailure, StageOutcome } from "../ports/workers.ts";
import { TagScope } from "../script/tag-scope.ts";
import { Vu, type VuWorkshop } from "./vu.ts";

type Env = Readonly<Record<string, string>>;

interface Request {
  readonly stage: Stage;
  readonly input: unknown;
  readonly timeoutMs: number;
  readonly env: Env;
  readonly plan: Plan;
}

/** A scenario's own stage has the scenario's name, tags and `env`, and the group of any stage of its kind. */
function stageVu(workshop: VuWorkshop, { env, plan, stage }: Request): Vu {
  const group = `::${kindOf(stage)}`;
  const name = scenarioOf(stage);
  const scenario = name === undefined ? undefined : plan.scenarios[name];
  const tags = name === undefined ? { group } : { ...scenario?.tags, scenario: name, group };
  const identity = {
    idInTest: 0,
    idInInstance: 0,
    scenario: name ?? "",
    executor: scenario?.executor ?? ("" as const),
    scenarioStartMs: Date.now(),
  };
  const scope = new TagScope(workshop.settings.sink, tags, group);
  return new Vu(workshop, { identity, scope, env: { ...env, ...scenario?.env } });
}

const failed = (error: ScriptFailure): StageOutcome => ({ kind: "failed", error });

const mistake = (message: string): StageOutcome =>
  failed({ name: "TypeError", message, stack: "", place: undefined });

/** Bytes in whatever form a script has them, also a part of a larger buffer. */
function bytesOf(content: unknown): Buffer | undefined {
  if (ArrayBuffer.isView(content)) {
    return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  }
  return content instanceof ArrayBuffer ? Buffer.from(content) : undefined;
}

/** handleSummary's value: text or bytes by file name. Bytes travel as `{ base64 }`, because the rest is JSON. */
function summaryFiles(value: unknown): StageOutcome {
  if (value === undefined || value === null) return { kind: "done", value: {} };
  if (typeof value !== "object" || Array.isArray(value)) {
    return mistake('handleSummary() must return an object: { stdout: text, "report.json": text }');
  }
  const files: Record<string, string | { readonly base64: string }> = {};
  for (const [name, content] of Object.entries(value)) {
    const bytes = bytesOf(content);
    if (typeof content === "string") files[name] = content;
    else if (bytes !== undefined) files[name] = { base64: bytes.toString("base64") };
    else return mistake(`handleSummary(): "${name}" must be text or bytes, it is ${typeof content}`);
  }
  return { kind: "done", value: files };
}

function jsonValue(name: string, value: unknown): StageOutcome {
  try {
    const text = JSON.stringify(value) as string | undefined;
    return { kind: "done", value: text === undefined ? undefined : JSON.parse(text) };
  } catch (error) {
    return mistake(`${name}() returned what JSON cannot carry: ${(error as Error).message}`);
  }
}

async function bounded(
  vu: Vu,
  name: string,
  input: unknown,
  timeoutMs: number,
): Promise<StageOutcome | { value: unknown } | { error: unknown }> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<StageOutcome>((resolve) => {
    timer = setTimeout(() => resolve({ kind: "timeout" }), timeoutMs);
  });
  const run = vu
    .run(name, input, "stage")
    .then((ending) =>
      ending.kind === "cut"
        ? { kind: "timeout" as const }
        : ending.kind === "threw"
          ? { error: ending.error }
          : { value: ending.value },
    );
  try {
    return await Promise.race([run, timeout]);
  } finally {
    clearTimeout(timer);
    vu.interrupt();
  }
}

/** Runs one stage, once. A stage that the script does not export is done at once, with no value. */
export async function runStage(workshop: VuWorkshop, request: Request): Promise<StageOutcome> {
  const { stage, input, timeoutMs, plan } = request;
  let aborted: string | undefined;
  const settings = {
    ...workshop.settings,
    abort: (reason: string) => {
      aborted = reason;
      workshop.settings.abort(reason);
    },
  };
  try {
    const vu = stageVu({ ...workshop, settings }, request);
    const name = functionOf(plan, stage);
    if (!vu.has(name)) return { kind: "done", value: undefined };
    const result = await bounded(vu, name, input, timeoutMs);
    if (aborted !== undefined) return { kind: "aborted", reason: aborted };
    if ("error" in result) return failed(workshop.places.describe(result.error));
    if ("kind" in result) return result;
    return stage === "summary" ? summaryFiles(result.value) : jsonValue(name, result.value);
  } catch (error) {
    return failed(workshop.places.describe(error));
  }
}
