/** `mesh plan` as a person sees it, exactly: at 80 and at 120 columns, with blocks and in ASCII, measured and not. */
import { describe, expect, it } from "vitest";
import type { GuardedZone } from "../../../../src/cli/plan/guarded-zones.ts";
import { planText } from "../../../../src/cli/plan/plan-text.ts";
import type { Capacity } from "../../../../src/domain/forecast/capacity.ts";
import { forecastOf } from "../../../../src/domain/forecast/forecast.ts";
import { pageOf } from "../../../../src/domain/summary/text-layout.ts";
import type { Plan } from "../../../../streams/schema/plan.ts";
import { measured } from "../../forecast/measured.ts";
import { planOf } from "../../plan/request.ts";

const exports = ["default", "browse", "setup", "teardown", "handleSummary"];

const shop = planOf(
  {
    scenarios: {
      browse: { executor: "constant-vus", vus: 250, duration: "3m", exec: "browse" },
      back: { executor: "constant-vus", vus: 50, startTime: "40s", duration: "1m" },
      buy: {
        executor: "constant-arrival-rate",
        rate: 12_000,
        duration: "2m",
        startTime: "30s",
        preAllocatedVUs: 500,
        maxVUs: 4000,
      },
    },
    thresholds: {
      http_req_failed: [{ threshold: "rate<0.01", abortOnFail: true, delayAbortEval: "10s" }],
      "http_req_duration{scenario:buy}": ["p(95)<200", "p(99)<400"],
    },
  },
  {
    exports,
    zones: [
      { zone: "eu", weight: 2 },
      { zone: "us", weight: 1 },
    ],
    agents: 3,
    embedded: false,
  },
);

const looks = { columns: 80, utf8: true, embedded: false, capacity: measured };

function textOf(
  plan: Plan,
  changes: Partial<Omit<typeof looks, "capacity">> & {
    capacity?: Capacity | undefined;
    guarded?: readonly GuardedZone[];
  } = {},
): string {
  const { capacity, columns, embedded, guarded, utf8 } = { ...looks, guarded: undefined, ...changes };
  return planText(
    plan,
    { forecast: forecastOf(plan), asked: { embedded, capacity }, guarded },
    { ...pageOf(columns), chartColumns: columns, utf8 },
  );
}

const part = (text: string, heading: string): string =>
  text.split("\n  █ ").find((block) => block.startsWith(heading)) ?? "";

describe("guard rails in mesh plan", () => {
  const guarded = [
    { zone: "eu", rails: ["targets *.shop.test", "maxRate 500/s"], refusal: "shop.ts runs for 2h, too long" },
    { zone: "us", rails: [] },
  ];

  it("are not spoken of where there are none", () => {
    expect(textOf(shop)).not.toContain("GUARD RAILS");
  });

  it("are told by zone, with what keeps the run out", () => {
    const text = part(
      textOf({ ...shop, http: { targets: ["a.test", "10.0.0.0/8"] } }, { guarded }),
      "GUARD RAILS",
    );
    expect(text).toMatch(/targets\.+: a\.test, 10\.0\.0\.0\/8\n/);
    expect(text).toMatch(/zone eu\.+: targets \*\.shop\.test; maxRate 500\/s\n/);
    expect(text).toMatch(/zone us\.+: none\n/);
    expect(text).toContain("✗ shop.ts runs for 2h, too long");
  });
});

describe("mesh plan", () => {
  it("shows all of it within 80 columns", () => {
    const text = textOf(shop);
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(text).toMatchInlineSnapshot(`
      "
        █ script.ts

          3 scenarios: 3m, with gracefulStop at most 3m30s; before it setup, at most
          1m; after it teardown, at most 1m; in the end handleSummary.

          browse  constant-vus: 250 VUs for 3m, exec browse
          back    constant-vus: 50 VUs for 1m, from 40s
          buy     constant-arrival-rate: 12,000/s for 2m, 1,440,000 iterations by
                  500–4,000 VUs, from 30s

        █ VUS OVER TIME

                  ▃▃▃▃▃▃▃▃▃▃▃▃▃███████████████████▄▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃  300
                  ██████████████████████████████████████████████████████████
                  ██████████████████████████████████████████████████████████
          total   ██████████████████████████████████████████████████████████
          browse  ██████████████████████████████████████████████████████████  250
          back                 ████████████████████                           50
                  0s                 1m                  2m               3m

        █ ITERATIONS STARTED PER SECOND

          buy              ████████████████████████████████████████           12,000/s
                  0s                 1m                  2m               3m

        █ WHERE

          zone           weight  agents        VUs  peak rate  iterations
          eu                  2       2  533–2,867    8,001/s     960,120
            first agent                  268–1,435    4,002/s     480,240
            last agent                   265–1,432    3,999/s     479,880
          us                  1       1  267–1,433    3,999/s     479,880

        █ THRESHOLDS

          http_req_failed...................: rate<0.01 (else the run ends after 10s)
          http_req_duration{scenario:buy}...: p(95)<200, p(99)<400

        █ AGENTS NEEDED

          ✓ It needs 2 agents of this machine's kind; 3 are asked for.
          Rate: at most 12,000/s, one request per iteration assumed; one carries
          10,000/s (5,000/s per core, 99.9 % started within 1 ms).
          Loops go as fast as the target answers; one carries at most 28,000/s of
          them.
          VUs: at most 4,300; 10,000 fit, 60 kB each.
          All measured here on 2026-11-29 (Some CPU, 2 cores, Node 24.1.0); what your
          script does beside one request costs more.

      "
    `);
  });

  it("draws wider on a wider terminal", () => {
    const text = textOf(shop, { columns: 120 });
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBe(120);
    expect(part(text, "VUS")).toMatchInlineSnapshot(`
      "VUS OVER TIME

                  ▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▄████████████████████████████████▅▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃  300
                  ██████████████████████████████████████████████████████████████████████████████████████████████████
                  ██████████████████████████████████████████████████████████████████████████████████████████████████
          total   ██████████████████████████████████████████████████████████████████████████████████████████████████
          browse  ██████████████████████████████████████████████████████████████████████████████████████████████████  250
          back                         ██████████████████████████████████                                             50
                  0s              30s              1m              1m30s           2m               2m30s         3m
      "
    `);
  });

  it("draws in ASCII where a terminal has nothing else", () => {
    expect(part(textOf(shop, { utf8: false }), "VUS")).toMatchInlineSnapshot(`
      "VUS OVER TIME

                  .............|||||||||||||||||||..........................  300
                  ||||||||||||||||||||||||||||||||||||||||||||||||||||||||||
                  ||||||||||||||||||||||||||||||||||||||||||||||||||||||||||
          total   ||||||||||||||||||||||||||||||||||||||||||||||||||||||||||
          browse  ||||||||||||||||||||||||||||||||||||||||||||||||||||||||||  250
          back                 ||||||||||||||||||||                           50
                  0s                 1m                  2m               3m
      "
    `);
  });

  it("says how to measure where nobody has", () => {
    expect(part(textOf(shop, { capacity: undefined }), "AGENTS")).toMatchInlineSnapshot(`
      "AGENTS NEEDED

          Nobody has measured what an agent on this machine carries: mesh bench
          --agent does, in half a minute.

      "
    `);
  });

  it("says that it cannot say, where the machine was too busy to be measured", () => {
    const busy = { ...measured, perCore: { ...measured.perCore, openPerSecond: null } };
    expect(part(textOf(shop, { capacity: busy }), "AGENTS")).toMatchInlineSnapshot(`
      "AGENTS NEEDED

          ! How many it needs cannot be said: this machine was too busy when it was
          measured. Measure again on an idle one: mesh bench --agent.
          Rate: at most 12,000/s, one request per iteration assumed; what one carries
          in time is unknown.
          Loops go as fast as the target answers; one carries at most 28,000/s of
          them.
          VUs: at most 4,300; 10,000 fit, 60 kB each.
          All measured here on 2026-11-29 (Some CPU, 2 cores, Node 24.1.0); what your
          script does beside one request costs more.

      "
    `);
  });

  it("says that agents on one machine do not add up", () => {
    expect(part(textOf(shop, { embedded: true }), "AGENTS")).toMatchInlineSnapshot(`
      "AGENTS NEEDED

          ! It needs 2 machines like this one for its rate, each with an agent (mesh
          agent --nats …): without --nats all agents share this one.
          Rate: at most 12,000/s, one request per iteration assumed; one carries
          10,000/s (5,000/s per core, 99.9 % started within 1 ms).
          Loops go as fast as the target answers; one carries at most 28,000/s of
          them.
          VUs: at most 4,300; 10,000 fit, 60 kB each.
          All measured here on 2026-11-29 (Some CPU, 2 cores, Node 24.1.0); what your
          script does beside one request costs more.

      "
    `);
  });

  it("shows a plan that counts iterations, on one agent", () => {
    const counted = planOf({ vus: 4, iterations: 1000 });
    expect(textOf(counted, { embedded: true })).toMatchInlineSnapshot(`
      "
        █ script.ts

          one scenario: until all iterations are done, at most 10m, with gracefulStop
          at most 10m30s.

          default  shared-iterations: 1,000 iterations by 4 VUs, at most 10m

        █ VUS OVER TIME

          default  ████████████████████████████████████████████████████████████████  4
                   0s           2m           4m          6m           8m        10m

        █ WHERE

          zone   weight  agents  VUs  iterations
          local       1       1    4       1,000

        █ AGENTS NEEDED

          ✓ This machine is enough.
          Loops go as fast as the target answers; one carries at most 28,000/s of
          them.
          VUs: at most 4; 10,000 fit, 60 kB each.
          All measured here on 2026-11-29 (Some CPU, 2 cores, Node 24.1.0); what your
          script does beside one request costs more.

      "
    `);
  });

  it("draws ramps, and writes their stages as --stage does", () => {
    const stage = (duration: string, target: number) => ({ duration, target });
    const flat = { executor: "ramping-arrival-rate", preAllocatedVUs: 50, maxVUs: 100, timeUnit: "1m" };
    const ramps = planOf({
      scenarios: {
        total: {
          executor: "ramping-vus",
          startVUs: 0,
          stages: [stage("30s", 50), stage("1m", 50), stage("10s", 0)],
        },
        spike: { executor: "ramping-vus", startTime: "40s", stages: [stage("0s", 120), stage("5s", 120)] },
        buy: {
          ...flat,
          startRate: 600,
          stages: [stage("20s", 3000), stage("0s", 0), stage("20s", 0), stage("20s", 1200)],
        },
      },
    });
    expect(textOf(ramps).split("  █ WHERE")[0]).toMatchInlineSnapshot(`
      "
        █ script.ts

          3 scenarios: 1m40s, with gracefulStop at most 2m10s.

          total  ramping-vus: up to 50 VUs for 1m40s (0, then 30s:50, 1m:50, 10s:0)
          spike  ramping-vus: 120 VUs for 5s (1, then 0s:120, 5s:120), from 40s
          buy    ramping-arrival-rate: up to 50/s for 1m, 800 iterations by 50–100 VUs
                 (600, then 20s:3000, 0s:0, 20s:0, 20s:1200 per 1m)

        █ VUS OVER TIME

                                          ▃██                                     170
                                          ███▁
                                  ▁▁▁▁▁▁▁▁████▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁
          total  ▁▁▁▂▂▃▃▄▄▅▅▆▆▇▇███████████████████████████████████████████▇▆▄▃▁
          total  ▁▁▁▂▂▂▃▃▄▄▄▅▅▆▆▇▇█████████████████████████████████████████▆▅▄▂▁  50
          spike                           ████                                    120
                 0s                 30s                1m                 1m30s

        █ ITERATIONS STARTED PER SECOND

                          ▂▄▆█                                                    50/s
                      ▂▄▆█████
                  ▂▄▆█████████                    ▁▂▃▄▅
          buy    █████████████             ▁▂▃▄▆▇██████
                 0s                 30s                1m                 1m30s

      "
    `);
  });

  it("fits on a page that is much too narrow", () => {
    expect(() => textOf(shop, { columns: 10 })).not.toThrow();
  });
});
