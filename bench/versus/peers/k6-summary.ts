/** Reads the figures from the data of `handleSummary`, which k6 and the mesh write in the same shape. */
import { readFileSync, rmSync } from "node:fs";
import type { PeerFigures } from "../peer.ts";

interface Summary {
  readonly metrics: Record<string, { readonly values: Record<string, number> } | undefined>;
}

/** The file is removed, so that a run which writes none cannot be read as the last one. */
export function figuresFromSummary(file: string): PeerFigures {
  const { metrics } = JSON.parse(readFileSync(file, "utf8")) as Summary;
  rmSync(file);
  const value = (metric: string, name: string): number | undefined => metrics[metric]?.values[name];
  const requests = value("http_reqs", "count") ?? 0;
  return {
    requests,
    seconds: requests / (value("http_reqs", "rate") ?? Number.NaN),
    failed: value("checks", "fails") ?? 0,
    p99Ms: value("http_req_duration", "p(99)"),
  };
}
