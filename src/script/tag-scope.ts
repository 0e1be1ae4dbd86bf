/**
 * The tags that samples carry at one place of a script (scenario, group, own tags), with the series handles in use
 * there, so that a request in the hot path finds its series by two lookups. Shared by all VUs of a worker.
 */
import type { Sink } from "./sink.ts";
import { type HttpSeries, isSeriesOf, makeHttpSeries, type RequestTags } from "./http-series.ts";
import { builtin } from "../domain/metric/builtin.ts";
import { type MetricDefinition, ZONE_TAG } from "../domain/metric/definition.ts";

/** Above this, a cache starts afresh: names with ids in them must not fill the memory of a long run. */
const CACHE_MAX = 4096;

type TagMap = Readonly<Record<string, string>>;
type ScriptTags = Readonly<Record<string, string | number | boolean>>;

function cached<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  if (map.size >= CACHE_MAX) map.clear();
  const made = make();
  map.set(key, made);
  return made;
}

export class TagScope {
  readonly tags: TagMap;
  /** Group path, `""` at the root, else `::outer::inner`. */
  readonly group: string;
  #dataSent: number | undefined;
  #dataReceived: number | undefined;
  readonly #sink: Sink;
  readonly #children = new Map<string, TagScope>();
  readonly #groups = new Map<string, TagScope>();
  readonly #requests = new Map<string, HttpSeries[]>();
  readonly #metrics = new Map<string, number>();
  readonly #checks = new Map<string, number>();

  constructor(sink: Sink, tags: TagMap, group = "") {
    this.#sink = sink;
    this.tags = tags;
    this.group = group;
  }

  get dataSent(): number {
    return (this.#dataSent ??= this.#sink.series(builtin("data_sent"), this.tags));
  }

  get dataReceived(): number {
    return (this.#dataReceived ??= this.#sink.series(builtin("data_received"), this.tags));
  }

  /** This scope inside a group. */
  enter(name: string): TagScope {
    const group = `${this.group}::${name}`;
    return cached(this.#groups, name, () => new TagScope(this.#sink, { ...this.tags, group }, group));
  }

  /**
   * This scope with a script's own tags, but the one named `without`. Tags named like ours replace them, as in k6; but not
   * the zone's name. The same tags in another order are another scope on the same series: sorting costs more.
   */
  with(tags: ScriptTags | undefined, without?: string): TagScope {
    if (!tags) return this;
    let key = "";
    for (const name in tags) if (name !== without) key += `${name}\0${tags[name]}\0`;
    if (key === "") return this;
    return this.#children.get(key) ?? this.#addChild(key, tags, without);
  }

  #addChild(key: string, tags: ScriptTags, without: string | undefined): TagScope {
    const kept = Object.entries(tags).filter(([name]) => name !== without);
    const texts = kept.map(([name, value]) => [name, String(value)] as const);
    return cached(this.#children, key, () => this.#inner(Object.fromEntries(texts)));
  }

  #inner({ [ZONE_TAG]: zone, ...own }: TagMap): TagScope {
    if (zone !== undefined) this.#sink.refusedTag?.(ZONE_TAG);
    return new TagScope(this.#sink, { ...this.tags, ...own }, this.group);
  }

  /** The series of a request. */
  request(tags: RequestTags): HttpSeries {
    const found = this.#requests.get(tags.name) ?? cached(this.#requests, tags.name, (): HttpSeries[] => []);
    for (const series of found) {
      if (isSeriesOf(series, tags)) return series;
    }
    const made = makeHttpSeries(this.#sink, this.tags, tags);
    found.push(made);
    return made;
  }

  /** The series of a script's own metric. */
  metric(definition: MetricDefinition): number {
    return cached(this.#metrics, definition.name, () => this.#sink.series(definition, this.tags));
  }

  /** The `checks` series of one named condition. */
  check(name: string): number {
    return cached(this.#checks, name, () =>
      this.#sink.series(builtin("checks"), { ...this.tags, check: name }),
    );
  }
}
