/**
 * Bounds the series of an inner node: past a limit per metric and load zone, further ones are merged into that zone's
 * series of the metric with the tag values `__other__`. Totals stay exact. Which values are told apart depends on who came first, so beyond the
 * limit two trees agree on the totals of a metric and not on its parts. Relies on definitions coming before, or with,
 * their first samples; a series that came without stays as it is.
 */
import { builtin } from "../metric/builtin.ts";
import {
  isOther,
  type Kind,
  otherTags,
  type SeriesDefinition,
  SERIES_PER_METRIC_MAX_MERGED,
  type Tags,
  widestTag,
  ZONE_TAG,
} from "../metric/definition.ts";
import { canonicalSeries, idOfCanonical, parseCanonical, type SeriesId } from "../metric/series.ts";

const REPORT = builtin("series_folded");

export class SeriesLimit {
  readonly #definitions: Map<SeriesId, string>;
  readonly #tags: Tags;
  readonly #max: number;
  /** Definitions by metric and zone, and how many of them there were when they were counted. */
  readonly #counts = new Map<string, number>();
  #counted = 0;
  readonly #folded = new Map<SeriesId, { readonly id: SeriesId; readonly kind: Kind }>();
  /** By metric and zone, the series that says that some of it were folded. */
  readonly #reports = new Map<string, SeriesId>();
  /** Series with samples whose definition has not come. */
  readonly #undefined = new Set<SeriesId>();

  /** `definitions` are those of the node's own log; `tags` are on every series of the run and are always kept. */
  constructor(definitions: Map<SeriesId, string>, tags: Tags, max: number = SERIES_PER_METRIC_MAX_MERGED) {
    this.#definitions = definitions;
    this.#tags = tags;
    this.#max = max;
  }

  /** Takes a definition that is new here. The series to count 1 in, when it was folded. */
  admit(id: SeriesId, canonical: string): SeriesId | undefined {
    if (this.#folded.has(id)) return undefined;
    const definition = parseCanonical(canonical);
    if (definition === undefined || this.#undefined.delete(id) || this.#mayStay(definition)) {
      this.#define(id, canonical, partOf(definition));
      return undefined;
    }
    const other = this.#open({ ...definition, tags: otherTags(definition.tags, this.#tags) });
    this.#folded.set(id, { id: other, kind: definition.kind });
    return this.#report(definition);
  }

  #mayStay(definition: SeriesDefinition): boolean {
    this.#countRestored();
    const { metric, tags } = definition;
    return metric === REPORT.name || isOther(tags) || (this.#counts.get(partOf(definition)) ?? 0) < this.#max;
  }

  /** The series in which samples of a series are counted. */
  targetOf(id: SeriesId, kind: Kind): SeriesId {
    const folded = this.#folded.get(id);
    if (folded !== undefined && folded.kind === kind) return folded.id;
    if (!this.#definitions.has(id)) this.#undefined.add(id);
    return id;
  }

  /** Counts what a restored log brought. */
  #countRestored(): void {
    if (this.#counted === this.#definitions.size) return;
    this.#counts.clear();
    for (const canonical of this.#definitions.values()) this.#count(partOf(parseCanonical(canonical)));
    this.#counted = this.#definitions.size;
  }

  #count(part: string): void {
    this.#counts.set(part, (this.#counts.get(part) ?? 0) + 1);
  }

  #define(id: SeriesId, canonical: string, part: string): void {
    this.#countRestored();
    if (this.#definitions.has(id)) return;
    this.#definitions.set(id, canonical);
    this.#count(part);
    this.#counted += 1;
  }

  #open(definition: SeriesDefinition): SeriesId {
    const canonical = canonicalSeries(definition);
    const id = idOfCanonical(canonical);
    this.#define(id, canonical, partOf(definition));
    return id;
  }

  /** Parsing is what costs: only what can be of the metric is parsed. */
  #seriesOf(metric: string): readonly SeriesDefinition[] {
    const named = `"metric":${JSON.stringify(metric)},`;
    const maybe = this.#definitions.values().filter((canonical) => canonical.includes(named));
    return [...maybe]
      .flatMap((canonical) => parseCanonical(canonical) ?? [])
      .filter((each) => each.metric === metric);
  }

  #report(folded: SeriesDefinition): SeriesId {
    const known = this.#reports.get(partOf(folded));
    if (known !== undefined) return known;
    const { metric, tags } = folded;
    const tag = widestTag(this.#seriesOf(metric));
    const { kind, name, unit } = REPORT;
    const zone = tags[ZONE_TAG] === undefined ? {} : { [ZONE_TAG]: tags[ZONE_TAG] };
    const id = this.#open({ metric: name, kind, unit, tags: { ...this.#tags, ...zone, metric, tag } });
    this.#reports.set(partOf(folded), id);
    return id;
  }
}

/** What has a limit of its own: the series of a metric that came from one zone. */
const partOf = (definition: SeriesDefinition | undefined): string =>
  definition === undefined ? "" : `${definition.metric} ${definition.tags[ZONE_TAG] ?? ""}`;
