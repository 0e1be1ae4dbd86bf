/**
 * Who is in a window: how many workers were expected and how many are present, by direct child. When the window
 * closes, only children whose data are not all here are remembered, so that a long run with many agents stays flat.
 */

/** What a child says of its own workers in a window. */
export interface Presence {
  readonly expected: number;
  readonly present: number;
}

const NOBODY: Presence = { expected: 0, present: 0 };

export class Attendance {
  readonly #open = new Map<string, Presence>();
  #expected = 0;
  #present = 0;
  #isSettled = false;

  /** Takes a child's newest word on this window; after `settle`, only of children that were not wholly in. */
  report(source: string, presence: Presence): void {
    if (!this.#isSettled || this.#open.has(source)) this.#replace(source, presence);
  }

  /** Notes a child that is expected and has not reported; nothing after `settle`. */
  expect(source: string, workers: number): void {
    if (!this.#isSettled && !this.#open.has(source)) this.#replace(source, { expected: workers, present: 0 });
  }

  #replace(source: string, { expected, present }: Presence): void {
    const before = this.#open.get(source) ?? NOBODY;
    const now = { expected: Math.max(before.expected, expected), present: Math.max(before.present, present) };
    this.#open.set(source, now);
    this.#expected += now.expected - before.expected;
    this.#present += now.present - before.present;
  }

  /** Whether a child has reported; asked before the window closes. */
  has(source: string): boolean {
    return this.#open.has(source);
  }

  /** Forgets the children that are wholly in; the totals stay. Later reports of theirs change nothing. */
  settle(): void {
    this.#isSettled = true;
    for (const [source, { expected, present }] of this.#open) {
      if (present >= expected) this.#open.delete(source);
    }
  }

  get total(): Presence {
    return { expected: this.#expected, present: this.#present };
  }

  get isComplete(): boolean {
    return this.#present >= this.#expected;
  }
}
