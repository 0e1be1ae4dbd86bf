/** Which kinds of fault have struck, and what was the last event when they did: counted as the simulations run. */
import { KINDS, type FaultKind } from "./fault-plan.ts";

export class Coverage {
  /** Type of the event that was published last. */
  last = "(nothing)";
  readonly counts = new Map<string, Map<string, number>>();

  count(kind: FaultKind): void {
    const row = this.counts.get(kind) ?? new Map<string, number>();
    this.counts.set(kind, row);
    row.set(this.last, (row.get(this.last) ?? 0) + 1);
  }

  add(other: Coverage): void {
    for (const [kind, row] of other.counts) {
      const all = this.counts.get(kind) ?? new Map<string, number>();
      this.counts.set(kind, all);
      for (const [type, count] of row) all.set(type, (all.get(type) ?? 0) + count);
    }
  }

  /** Kinds that never struck. */
  get missing(): readonly FaultKind[] {
    return KINDS.filter((kind) => !this.counts.has(kind));
  }

  /** One line for people. */
  get summary(): string {
    const kinds = [...this.counts].map(([kind, row]) => {
      const times = [...row.values()].reduce((sum, count) => sum + count, 0);
      return `${kind} ${times}× after ${row.size} kinds of event`;
    });
    return `faults: ${kinds.toSorted().join(" · ")}`;
  }
}
