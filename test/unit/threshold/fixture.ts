/** Intervals of root's log from plain samples: what thresholds are judged on. */
import { encodeInterval } from "../../../src/domain/interval/codec.ts";
import { definitionsOf } from "../../../src/domain/interval/definitions.ts";
import { byId } from "../../../src/domain/interval/series-section.ts";
import { builtin } from "../../../src/domain/metric/builtin.ts";
import { makeCell } from "../../../src/domain/metric/cell.ts";
import { seriesIdOf } from "../../../src/domain/metric/series.ts";

/** Samples by metric in one window, of series that have these tags. */
export type Samples = Readonly<Record<string, readonly number[]>>;

/** An interval of root's log. */
export function frameOf(
  number: number,
  window: number,
  samples: Samples,
  tags: Record<string, string> = {},
): Uint8Array {
  const all = Object.entries(samples).map(([metric, values]) => {
    const { kind, unit } = builtin(metric);
    const definition = { metric, kind, unit, tags };
    const cell = makeCell(kind);
    for (const value of values) {
      if (cell.kind === "trend") cell.record(value, 1000);
      else if (cell.kind === "gauge") cell.record(value, window, "a");
      else cell.record(value);
    }
    return { definition, id: seriesIdOf(definition), cell };
  });
  const head = { source: "root.0", number, window, final: false, expected: 1, present: 1 };
  const definitions = definitionsOf(all.map(({ definition }) => definition));
  return encodeInterval({ ...head, adds: [], through: [], health: [] }, definitions, all.toSorted(byId));
}
