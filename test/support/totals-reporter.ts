/**
 * Prints the totals of a test run alone on one line, for `.ci/run` and for people. A file that could not be loaded
 * and an error outside of any test each count as one failure. It relies on being the last reporter listed.
 */
import type { Reporter, SerializedError, TestModule } from "vitest/node";

export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The one line that `.ci/run` looks for. */
export const totalsLine = ({ passed, failed, skipped }: Totals): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;

/** Counts tests by how they ended; a test that was begun and never ended counts as failed. */
export function totalsOf(modules: readonly TestModule[], unhandled: readonly unknown[]): Totals {
  const states = modules.flatMap((one) => [...one.children.allTests()].map((test) => test.result().state));
  const broken = modules.filter(isBroken).length;
  const count = (...wanted: readonly string[]) => states.filter((state) => wanted.includes(state)).length;
  return {
    passed: count("passed"),
    failed: count("failed", "pending") + broken + unhandled.length,
    skipped: count("skipped"),
  };
}

/** True for a file, or a suite's hook, that failed by itself, beside its tests. */
function isBroken(one: TestModule): boolean {
  return one.errors().length > 0 || [...one.children.allSuites()].some((suite) => suite.errors().length > 0);
}

export default class TotalsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    process.stdout.write(`\n${totalsLine(totalsOf(modules, unhandled))}\n`);
  }
}
