/**
 * The tree of groups and checks, k6's `root_group`: from the series of `checks` by their tags `group` ("::a::b") and
 * `check`. Sorted by name, so that it does not depend on who came first.
 */
import { Rate } from "../metric/rate.ts";
import { treeId } from "../metric/series.ts";

export interface CheckSummary {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly passes: number;
  readonly fails: number;
}

export interface GroupSummary {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly groups: readonly GroupSummary[];
  readonly checks: readonly CheckSummary[];
}

const SEPARATOR = "::";

/** Passes and fails of every check, by group path and name. */
export class CheckTree {
  readonly #groups = new Map<string, Map<string, Rate>>([["", new Map()]]);

  /** Notes a group (and those around it), also when it has no check. `path` is "" or "::a::b". */
  group(path: string): Map<string, Rate> {
    const known = this.#groups.get(path);
    if (known !== undefined) return known;
    const checks = new Map<string, Rate>();
    this.#groups.set(path, checks);
    this.group(path.slice(0, Math.max(0, path.lastIndexOf(SEPARATOR))));
    return checks;
  }

  /** The rate that collects one check; series of one check that differ in other tags share it. */
  check(path: string, name: string): Rate {
    const checks = this.group(path);
    const known = checks.get(name);
    if (known !== undefined) return known;
    const rate = new Rate();
    checks.set(name, rate);
    return rate;
  }

  /** The tree from its root. */
  summary(path = ""): GroupSummary {
    const isChild = (other: string) => other !== "" && other.slice(0, other.lastIndexOf(SEPARATOR)) === path;
    const groups = [...this.#groups.keys()].filter(isChild).toSorted();
    const checks = [...this.group(path)].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return {
      name: path.slice(path.lastIndexOf(SEPARATOR) + SEPARATOR.length),
      path,
      id: treeId(path),
      groups: groups.map((group) => this.summary(group)),
      checks: checks.map(([name, rate]) => checkSummary(path, name, rate)),
    };
  }
}

function checkSummary(group: string, name: string, rate: Rate): CheckSummary {
  const path = `${group}${SEPARATOR}${name}`;
  return { name, path, id: treeId(path), passes: rate.passes, fails: rate.fails };
}
