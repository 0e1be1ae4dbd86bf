/**
 * Which child owns each slot of one cycle: k6's rule (anchors B.1), restated as a timetable so that thousands of
 * children cost O(length × log children) where k6's walk costs O(length × children). A property test holds the two equal.
 */

/**
 * Owner of each slot. By k6's rule slot `s` goes to the first child, largest norm first and stable, with
 * chosen × length / norm <= s. So a child's kth claim opens at slot ceil(k × length / norm), and of the children with
 * an open claim the largest wins. Some claim is always open: before slot s more than s of them have opened.
 */
export function ownersOf(norms: Int32Array, length: number): Int32Array {
  const bySize = [...norms.keys()].filter((child) => norms[child]! > 0);
  bySize.sort((a, b) => norms[b]! - norms[a]!);
  const timetable = new Timetable(bySize.length, length);
  const chosen = new Int32Array(bySize.length);
  const open = new RankHeap(bySize.length);
  const owners = new Int32Array(length);
  for (const rank of bySize.keys()) open.push(rank);
  for (let slot = 0; slot < length; slot++) {
    timetable.takeAt(slot, open);
    const rank = open.pop();
    const child = bySize[rank]!;
    owners[slot] = child;
    chosen[rank]! += 1;
    const opensAt = Math.ceil((chosen[rank]! * length) / norms[child]!);
    timetable.add(rank, Math.max(opensAt, slot + 1));
  }
  return owners;
}

/** The claims to come, listed by the slot at which they open; a child has at most one at a time. */
class Timetable {
  readonly #head: Int32Array;
  readonly #next: Int32Array;

  constructor(children: number, length: number) {
    this.#head = new Int32Array(length).fill(-1);
    this.#next = new Int32Array(children);
  }

  add(rank: number, slot: number): void {
    if (slot >= this.#head.length) return;
    this.#next[rank] = this.#head[slot]!;
    this.#head[slot] = rank;
  }

  takeAt(slot: number, into: RankHeap): void {
    for (let rank = this.#head[slot]!; rank !== -1; rank = this.#next[rank]!) into.push(rank);
  }
}

/** A binary heap of distinct ranks, smallest first. */
class RankHeap {
  readonly #ranks: Int32Array;
  #size = 0;

  constructor(capacity: number) {
    this.#ranks = new Int32Array(capacity);
  }

  push(rank: number): void {
    const ranks = this.#ranks;
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (ranks[parent]! < rank) break;
      ranks[at] = ranks[parent]!;
      at = parent;
    }
    ranks[at] = rank;
  }

  pop(): number {
    const ranks = this.#ranks;
    const top = ranks[0]!;
    const last = ranks[--this.#size]!;
    let at = 0;
    for (let child = 1; child < this.#size; child = 2 * at + 1) {
      if (child + 1 < this.#size && ranks[child + 1]! < ranks[child]!) child += 1;
      if (ranks[child]! > last) break;
      ranks[at] = ranks[child]!;
      at = child;
    }
    ranks[at] = last;
    return top;
  }
}
