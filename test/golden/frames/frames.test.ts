/**
 * Frames of version 1 as they are on disk. A file here never changes: frames of old runs must decode for ever, and what
 * is written today must be the same bytes. A new version gets new files beside these.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Accumulator } from "../../../src/domain/interval/accumulator.ts";
import { decodeHead, decodeInterval } from "../../../src/domain/interval/codec.ts";
import type { Cell } from "../../../src/domain/metric/cell.ts";
import { seriesIdText } from "../../../src/domain/metric/series.ts";
import { canonicalJson } from "../../../src/domain/summary/document.ts";
import { metricsOf, rootLog } from "../../unit/summary/fixture.ts";

const read = (name: string) => readFileSync(new URL(name, import.meta.url), "utf8").trim();
const golden = () => read("root-log.v1.hex").split("\n").map((line) => Uint8Array.from(Buffer.from(line, "hex")));

function figures(cell: Cell): unknown {
  if (cell.kind === "counter") return { sum: String(cell.sum.total), rejected: cell.rejected };
  if (cell.kind === "gauge") return { ...cell.values, rejected: cell.rejected };
  if (cell.kind === "rate") return { passes: cell.passes, total: cell.total, rejected: cell.rejected };
  if (cell.kind !== "trend") throw new Error("no frame of version 1 has this kind");
  const { count, max, min, rejected, saturated, sum } = cell;
  const quantiles = [50, 95, 99.9].map((percent) => cell.quantile(percent));
  return { count, sum: String(sum.total), min, max, rejected, saturated, quantiles };
}

function decoded(bytes: Uint8Array): unknown {
  const { definitions, head, series } = decodeInterval(bytes);
  return { head, definitions, series: series.map(({ cell, id }) => ({ id: seriesIdText(id), ...(figures(cell) as object) })) };
}

describe("frame of version 1", () => {
  it("decodes to what it meant when it was written", () => {
    expect(`${JSON.stringify(golden().map(decoded), undefined, 1)}\n`).toBe(`${read("root-log.v1.json")}\n`);
  });

  it("is what the same run writes today", () => {
    const today = rootLog().map((bytes) => Buffer.from(bytes).toString("hex"));
    expect(today.join("\n")).toBe(read("root-log.v1.hex"));
  });

  it("is its own merge: folding it and encoding it again gives the same bytes", () => {
    const [first] = golden() as [Uint8Array];
    const accumulator = new Accumulator();
    accumulator.add(first);
    expect(Buffer.from(accumulator.encode(decodeHead(first)))).toEqual(Buffer.from(first));
  });

  it("gives the same metrics as when it was written", () => {
    const metrics = metricsOf(golden()).metrics(2000);
    expect(canonicalJson(metrics)).toBe(read("summary-metrics.v1.json"));
  });
});
