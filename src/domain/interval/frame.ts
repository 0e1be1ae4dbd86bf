/**
 * The interval frame, version 1: all metrics of one source over one window, or a merge of such. Frames are on disk
 * for ever; this comment is their definition. Types only; codec.ts reads and writes whole frames.
 *
 * Notation: `n` an unsigned LEB128 varint; `s` a signed one, ZigZag; `text` its length in bytes `n`, then UTF-8;
 * `[x]` a list: its length `n`, then that many x; `{x}` a section: its length in bytes `n`, then x.
 *
 *   frame       01 {head} {coverage} definitions series
 *   head        source:text number:n window:n flags expected:n present:n health:[sample]
 *     flags     one byte; bit 0: final
 *     sample    agent:text {lagUsMax:n lagUsP99:n loopDelayUsMax:n gcUs:n cpuPermille:n rssKb:n clockOffsetUs:s drops:n}
 *               and, when anything of an open model was due, in that section: arrivals:n late:n
 *   coverage    adds:[child] through:[child]          sorted by source
 *     child     source:text [range]                   ranges ascending, neither touching nor overlapping
 *     range     from:n length-1:n                     the first `from` is absolute, each further one counts from
 *                                                     the end of the range before (inclusive)
 *   definitions [id canonical:text]                   sorted by id; canonical JSON, see domain/metric/series
 *   series      [id kind {body}]                      sorted by id, each at most once
 *     id        8 bytes, most significant first: the first 8 bytes of the SHA-256 of the canonical definition
 *     kind      one byte: 1 counter, 2 gauge, 3 rate, 4 trend; the bodies are described in domain/metric
 *
 * The frame ends with its last series. Sections may get further fields at their end: a reader skips what it does not
 * know there. Anything else is a new version.
 */
import type { Cell } from "../metric/cell.ts";
import type { SeriesDefinition } from "../metric/definition.ts";
import type { SeriesId } from "../metric/series.ts";
import type { HealthSample } from "./health.ts";
import type { SourceRanges } from "./ranges.ts";

export interface IntervalHead {
  /** `<node>.<incarnation>`; a worker's is `<agent>.<incarnation>/w<k>`. */
  readonly source: string;
  /** Position in the source's log, from 0, never reused. */
  readonly number: number;
  /** Index of the metric window since the start of the run. */
  readonly window: number;
  /** The source's last interval of regular load; teardown may add later ones. */
  readonly final: boolean;
  /** Workers expected in this window, and workers whose data are in it by now (cumulative over its intervals). */
  readonly expected: number;
  readonly present: number;
  /** What of the direct children is inside this interval. */
  readonly adds: readonly SourceRanges[];
  /** What of the direct children is inside this log up to and with this interval; holes included. */
  readonly through: readonly SourceRanges[];
  readonly health: readonly HealthSample[];
}

export interface IntervalFrame {
  readonly head: IntervalHead;
  /** Definitions first used in this interval of this log. */
  readonly definitions: readonly SeriesDefinition[];
  readonly series: readonly IntervalSeries[];
}

export interface IntervalSeries {
  readonly id: SeriesId;
  readonly cell: Cell;
}
