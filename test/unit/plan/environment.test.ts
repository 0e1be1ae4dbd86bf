/** Values of the environment: taken out of what travels and stays, and put back where scripts run. */
import { describe, expect, it } from "vitest";
import { hideValues, namesOf, withValues } from "../../../src/domain/plan/environment.ts";
import { planOf } from "./request.ts";

const CANARY = "canary-7f3a";
const load = { executor: "per-vu-iterations", vus: 1, iterations: 1 };
const options = {
  scenarios: { shop: { ...load, env: { TOKEN: CANARY, PLACE: "fra" } }, idle: load },
  tags: { team: "x" },
  ext: { mesh: { token: CANARY } },
  cloud: { token: CANARY },
};

describe("environment of a run", () => {
  it("is in the plan by name only", () => {
    const hidden = hideValues(options);
    const environment = { env: { BASE_URL: CANARY }, scenarios: hidden.scenarios };
    const plan = planOf(hidden.options, { env: [...namesOf(environment)] });
    expect(JSON.stringify([hidden.options, plan])).not.toContain(CANARY);
    expect(plan.env).toEqual(["BASE_URL", "PLACE", "TOKEN"]);
    expect(plan.scenarios["shop"]?.env).toEqual({ TOKEN: "", PLACE: "" });
    expect(plan.tags).toEqual({ team: "x" });
  });

  it("lists names where only a scenario has values, so that they are fetched", () => {
    const { scenarios } = hideValues(options);
    expect(namesOf({ env: {}, scenarios })).toEqual(["PLACE", "TOKEN"]);
  });

  it("gives workers the plan that the script asked for", () => {
    const hidden = hideValues(options);
    const plan = withValues(planOf(hidden.options), { env: {}, scenarios: hidden.scenarios });
    const { cloud: _, ext: __, ...asked } = options;
    expect(plan).toEqual(planOf(asked));
  });

  it.each([undefined, null, "text", [], {}, { scenarios: 7 }, { scenarios: { a: null } }])(
    "leaves %j as it is, for the plan to judge",
    (given) => {
      expect(hideValues(given)).toEqual({ options: given, scenarios: {} });
    },
  );

  it("hides what is no text, too: flags may have replaced a scenario that nobody has judged", () => {
    const { options, scenarios } = hideValues({ scenarios: { a: { env: { PIN: 4711 } }, b: { env: "x" } } });
    expect(options).toEqual({ scenarios: { a: { env: { PIN: "" } }, b: { env: {} } } });
    expect(scenarios).toEqual({});
  });
});
