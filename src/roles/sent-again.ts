/**
 * Children that sent an interval again although it is merged: they missed the word on what is covered, which is only
 * ever said and never kept for long. Each is told once more, with the next look at the windows.
 */
import { decodeHead } from "../domain/interval/codec.ts";
import type { IntervalMerger, Offered } from "../domain/interval/merger.ts";
import type { SourceRanges } from "../domain/interval/ranges.ts";

export class SentAgain {
  readonly #sources = new Set<string>();

  /** Takes note of what came of a frame, and passes it on. */
  note(offered: Offered, frame: Uint8Array): Offered {
    if (offered === "duplicate") this.#sources.add(decodeHead(frame).source);
    return offered;
  }

  /** What is covered of each such child, once. */
  take(merger: IntervalMerger): readonly SourceRanges[] {
    const sources = [...this.#sources];
    this.#sources.clear();
    return sources.map((source) => merger.through(source));
  }
}
