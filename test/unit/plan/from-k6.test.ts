/** What docs/from-k6.md says of k6's options and executors is what the plan's reader does with them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EXECUTOR_NAMES } from "../../../src/domain/executor/executors.ts";
import { planRun } from "../../../src/domain/plan/normalize.ts";
import { requestOf } from "./request.ts";

const guide = readFileSync(join(import.meta.dirname, "../../../docs/from-k6.md"), "utf8");

/** The names of a section's table, each with its second column. */
function tableOf(title: string): readonly (readonly [name: string, verdict: string])[] {
  const section = guide.split(`\n## ${title}\n`)[1]?.split("\n## ")[0] ?? "";
  const rows = [...section.matchAll(/^\| (`[^|]*) \| ([^|]*) \|/gm)];
  return rows.flatMap(([, names = "", verdict = ""]) =>
    [...names.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => [name, verdict.trim()] as const),
  );
}

/** What is said of an option by its own name, whatever its value is worth. */
function saidOf(name: string): readonly string[] {
  const planned = planRun(requestOf({ [name]: 1 }));
  return planned.ok
    ? []
    : planned.problems.filter(({ path }) => path === `options.${name}`).map(({ message }) => message);
}

describe("the guide for k6 users", () => {
  it.each(tableOf("Options"))("is right about the option %s: %s", (name, verdict) => {
    const isRefused = saidOf(name).includes("is an option of k6 that is not supported yet");
    expect(isRefused).toBe(verdict === "refused");
    expect(saidOf(name)).not.toContain("is not a known option");
  });

  it("leaves no option out that is known by name", () => {
    const told = new Set(tableOf("Options").map(([name]) => name));
    const own = new Set(["requestTimeout", "onSilence", "onAgentLoss", "generator", "targets"]);
    const planned = planRun(requestOf({ nothing: 1 }));
    const hint = planned.ok ? "" : (planned.problems[0]?.hint ?? "");
    const known = hint.replace("known: ", "").split(", ");
    expect(known.length).toBeGreaterThan(15);
    expect(known.filter((name) => !told.has(name) && !own.has(name))).toEqual([]);
  });

  it("is right about the executors", () => {
    const asIs = tableOf("Executors").filter(([, verdict]) => verdict === "as is");
    expect(asIs.map(([name]) => name).toSorted()).toEqual([...EXECUTOR_NAMES].toSorted());
  });
});
