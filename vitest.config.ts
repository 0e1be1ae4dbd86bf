import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** Vitest keeps a core for itself; of two that is half of the machine. */
const maxWorkers = Math.max(2, availableParallelism());
/** Files in which a test judges time as a user sees it: nothing else runs beside them. */
const alone = ["errors", "honesty", "live-view", "mesh", "outage", "true-numbers", "weather"].map(
  (name) => `test/e2e/${name}.test.ts`,
);

/** One project per kind of test, so that each has one command and one budget (see CONTRIBUTING.md). */
const kind = (name: string, options: Record<string, unknown> = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], ...options },
});

/** Provisions servers once for a whole run, in MESH_CACHE. */
const globalSetup = ["test/support/suite-cache.ts"];

const endToEnd = { globalSetup, testTimeout: 120_000, hookTimeout: 180_000 };

export default defineConfig({
  test: {
    maxWorkers,
    // A test of the product starts half a dozen processes: more than two at once measure the machine.
    maxConcurrency: 2,
    // The totals come last: `.ci/run` and people read that line.
    reporters: ["default", "./test/support/totals-reporter.ts"],
    projects: [
      kind("unit", { isolate: false }),
      kind("property", { isolate: false, testTimeout: 60_000 }),
      kind("contract", { globalSetup, testTimeout: 30_000 }),
      kind("simulation", { isolate: false, testTimeout: 180_000 }),
      kind("golden", { isolate: false }),
      kind("tidy", { isolate: false, testTimeout: 30_000 }),
      kind("integration", { globalSetup, testTimeout: 60_000, hookTimeout: 120_000 }),
      kind("e2e", { ...endToEnd, exclude: alone, maxWorkers: 2, sequence: { groupOrder: 1 } }),
      kind("e2e-alone", { ...endToEnd, include: alone, fileParallelism: false }),
    ],
  },
});
