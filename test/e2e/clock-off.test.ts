/**
 * A zone whose coordinator and agents have a clock that is an hour off: the run is that of machines whose clocks are right,
 * and whoever can set the clock is told. A server's clock that is off is the simulator's (see shifted-clock.ts).
 */
import { afterAll, describe, expect, it } from "vitest";
import type { Diagnosis } from "../../src/cli/doctor/examine.ts";
import { createScriptFolder } from "../support/scripts.ts";
import { removeLeftClocks, shiftedClock } from "../support/shifted-clock.ts";
import { startTimedTarget } from "../support/timed-target.ts";
import { countOf, documentOf, expectBalanced } from "./documents.ts";
import { startLeafMesh } from "./leaf-mesh.ts";

const RATE = 50;
const SECONDS = 5;
/** What a busy machine may be late. An hour is more. */
const LATE_MS = 2000;
const RUN_WITHIN_MS = 120_000;
const HOUR_US = 3_600_000_000;

const SCRIPT = `
import { exec, http } from "loadmesh";
const scenario = { executor: "constant-arrival-rate", rate: ${RATE}, duration: "${SECONDS}s", preAllocatedVUs: 40 };
export const options = { scenarios: { even: scenario }, generator: { onBreach: "warn" } };
export default () => http.get(\`\${__ENV.TARGET_URL}/\${exec.scenario.iterationInTest}\`, { tags: { name: "slot" } });
`;

const { env: ahead, why } = await shiftedClock("+1h");
const skipped = ahead === undefined ? ` (skipped: ${why})` : "";
afterAll(removeLeftClocks);

const TOLD =
  /^the clock of this machine is 1h0m0s ahead of its NATS server's: runs are right all the same, times that people read are not; set both by NTP: timedatectl set-ntp true$/;

describe(`a zone whose clock is an hour off${skipped}`, { timeout: 240_000 }, () => {
  it.skipIf(ahead === undefined)(
    "starts with the others, counts what the target counts, and says so",
    async () => {
      await using mesh = await startLeafMesh({ a: ["a1"], b: ["b1"] }, { b: ahead ?? {} });
      const [exact, shifted] = mesh.agents;
      await mesh.zones["b"]?.stderr.line(TOLD);
      await shifted?.stderr.line(TOLD);

      // Each slot of the plan, by when it came after the first one's instant.
      const offMs: number[] = [];
      await using target = await startTimedTarget(({ url = "" }, response) => {
        offMs.push(performance.now() - (Number(url.slice(1)) * 1000) / RATE);
        response.end("ok");
      });
      using files = createScriptFolder();
      const flags = ["--zones", "a,b", "--agents", "2", "--env", `TARGET_URL=${target.url}`, "--json"];
      const run = ["run", files.write("slots.ts", SCRIPT), ...flags, "--no-history"];
      const exit = await mesh.home.run(run, { ...mesh.hub, boundMs: RUN_WITHIN_MS });
      expect(exit.code, exit.stderr).toBe(0);
      const document = documentOf(exit);
      expectBalanced(document);
      expect(document.completeness).toMatchObject({ agents: { finished: 2, lost: [] }, mismatches: [] });
      expect(document.completeness.windows.complete).toBe(document.completeness.windows.total);
      const planned = (RATE * SECONDS) / 2;
      expect(document.ledger.agents).toMatchObject({ a1: { planned, lost: 0 }, b1: { planned, lost: 0 } });
      expect(countOf(document, "http_reqs")).toBe(offMs.length);
      expect(Math.max(...offMs) - Math.min(...offMs)).toBeLessThan(LATE_MS);
      expect(Math.abs(document.clock.skewUsMax - HOUR_US)).toBeLessThan(LATE_MS * 1000);

      // Only where the clock is off, and once.
      const words = [exact, mesh.zones["a"], mesh.root].map((role) => role?.stderr.text() ?? "");
      expect(words.join("")).not.toContain("clock");
      expect(shifted?.stderr.text().match(/clock/g)).toHaveLength(1);
      const there = { cwd: mesh.trust.zones["b"]?.folder.path ?? "", env: ahead ?? {} };
      const told = await mesh.home.run(["doctor", "--json"], there);
      const { checks } = JSON.parse(told.stdout) as Diagnosis;
      expect(checks.filter(({ name }) => name.endsWith("clock"))).toEqual([
        {
          name: "clock",
          status: "warn",
          message: expect.stringMatching(
            /^this machine is 1h0m0s ahead of the broker \(± [\d.]+ ms\)$/,
          ) as string,
          hint: expect.stringContaining("timedatectl set-ntp true. Runs are right all the same") as string,
        },
        expect.objectContaining({ name: "zone clock", status: "ok" }),
      ]);
    },
  );
});
