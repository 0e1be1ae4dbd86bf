/** What guard rails did in one worker: how many requests each refused or held back. */
import type { Guarded } from "../../../streams/schema/guard.ts";

export class Rails {
  readonly #counts = new Map<string, { refused: number; held: number }>();

  count(rail: string, did: Guarded["did"]): void {
    const counts = this.#counts.get(rail) ?? { refused: 0, held: 0 };
    counts[did]++;
    this.#counts.set(rail, counts);
  }

  get all(): readonly Guarded[] {
    return [...this.#counts].flatMap(([rail, { held, refused }]) => [
      ...(refused === 0 ? [] : [{ rail, did: "refused" as const, requests: refused }]),
      ...(held === 0 ? [] : [{ rail, did: "held" as const, requests: held }]),
    ]);
  }
}
