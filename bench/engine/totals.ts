/**
 * What a worker's frames say, folded over its whole run by the product's own merge: counters, rates, trends by metric
 * and tags, and the health samples. It measures nothing.
 */
import { Accumulator } from "../../src/domain/interval/accumulator.ts";
import { decodeHead } from "../../src/domain/interval/codec.ts";
import type { HealthSample } from "../../src/domain/interval/health.ts";
import type { Cell } from "../../src/domain/metric/cell.ts";
import type { SeriesDefinition } from "../../src/domain/metric/definition.ts";
import { parseCanonical } from "../../src/domain/metric/series.ts";
import { Trend } from "../../src/domain/metric/trend.ts";

type Tags = Readonly<Record<string, string>>;

export class Totals {
  readonly health: HealthSample[] = [];
  readonly #frames = new Accumulator();

  add(frame: Uint8Array): void {
    this.#frames.add(frame);
    this.health.push(...decodeHead(frame).health);
  }

  /** Sum of a counter over the series that carry these tags. */
  count(metric: string, tags: Tags = {}): number {
    return this.#cells(metric, tags).reduce(
      (sum, cell) => sum + (cell.kind === "counter" ? cell.value : 0),
      0,
    );
  }

  /** How often a rate was false. */
  fails(metric: string, tags: Tags = {}): number {
    return this.#cells(metric, tags).reduce((sum, cell) => sum + (cell.kind === "rate" ? cell.fails : 0), 0);
  }

  /** The percentile of a time trend in ms; NaN without samples. */
  percentileMs(metric: string, percent: number, tags: Tags = {}): number {
    const whole = new Trend();
    for (const cell of this.#cells(metric, tags)) if (cell.kind === "trend") whole.merge(cell);
    return (whole.quantile(percent) ?? Number.NaN) / 1000;
  }

  #cells(metric: string, tags: Tags): readonly Cell[] {
    const { definitions, series } = this.#frames;
    return series
      .filter(({ id }) => carries(parseCanonical(definitions.get(id) ?? ""), metric, tags))
      .map(({ cell }) => cell);
  }
}

const carries = (series: SeriesDefinition | undefined, metric: string, tags: Tags): boolean =>
  series?.metric === metric && Object.entries(tags).every(([name, value]) => series.tags[name] === value);
