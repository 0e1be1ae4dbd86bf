/** What is due when, in virtual time: a heap by instant, and in the order of asking where instants are equal. */

export interface Due {
  readonly atUs: number;
  readonly order: number;
  /** Set to undefined when it is not wanted any more. */
  act: (() => void) | undefined;
}

const isBefore = (a: Due, b: Due): boolean => (a.atUs === b.atUs ? a.order < b.order : a.atUs < b.atUs);

export class EventQueue {
  readonly #heap: Due[] = [];
  #order = 0;

  /** The instant of the next one; undefined when nothing is due ever. */
  get nextUs(): number | undefined {
    return this.#heap[0]?.atUs;
  }

  add(atUs: number, act: () => void): Due {
    const due: Due = { atUs, order: this.#order++, act };
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above] as Due;
      if (isBefore(parent, due)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = due;
    return due;
  }

  /** Takes the next one out. */
  take(): Due | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last !== undefined && first !== last) this.#sink(last);
    return first;
  }

  #sink(due: Due): void {
    const heap = this.#heap;
    const size = heap.length;
    let at = 0;
    for (;;) {
      let below = at * 2 + 1;
      if (below >= size) break;
      const right = below + 1;
      if (right < size && isBefore(heap[right] as Due, heap[below] as Due)) below = right;
      const child = heap[below] as Due;
      if (isBefore(due, child)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = due;
  }
}
