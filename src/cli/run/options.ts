/** Reads what `mesh run`'s flags mean: zones and weights, agents, environment. */
import type { ZoneWeight } from "../../../streams/schema/plan.ts";
import { exitCode, Failure } from "../exit-codes.ts";

/** The zone of a run where none is named. */
export const EMBEDDED_ZONE = "local";

const usage = (message: string, hint: string) => new Failure(exitCode.usage, "Usage", message, hint);

/** `eu=2,us` → eu with weight 2, us with weight 1. */
export function readZones(text: string): readonly ZoneWeight[] {
  return text.split(",").map((each) => {
    const [zone = "", weight = "1", ...rest] = each.trim().split("=");
    if (zone === "" || rest.length > 0 || !/^[1-9]\d*$/.test(weight)) {
      throw usage(
        `--zones: ${JSON.stringify(each)} is not a zone`,
        "write name or name=weight, weights are whole numbers from 1",
      );
    }
    return { zone, weight: Number(weight) };
  });
}

/** `KEY=VALUE` → an entry; `KEY` alone takes the value of this shell. */
export function readEnv(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((each) => {
      const at = each.indexOf("=");
      const name = at < 0 ? each : each.slice(0, at);
      const value = at < 0 ? process.env[name] : each.slice(at + 1);
      if (name === "" || value === undefined) {
        throw usage(`--env ${each} has no value`, "write --env KEY=VALUE, or set KEY in this shell");
      }
      return [name, value];
    }),
  );
}
