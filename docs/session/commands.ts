/** What the recorded session types, in order: README's first five minutes. */
export const SESSION: readonly string[] = [
  "mesh run examples/quickstart.ts",
  "mesh runs",
  "mesh events last | head",
  "mesh replay last | tail -n 2",
  `mesh sql "SELECT metric, p50, p95, p99 FROM trend_summary WHERE metric LIKE 'http_req_%' ORDER BY metric"`,
];
