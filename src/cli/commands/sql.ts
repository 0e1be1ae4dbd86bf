import { Args, Flags } from "@oclif/core";
import { MeshCommand } from "../base-command.ts";

export class Sql extends MeshCommand {
  static override summary = "Ask the history of runs in SQL; it can only read";
  static override description = `Runs land in ClickHouse when they are over; what has not landed yet does so before the answer.
Start with latest_runs, trend_summary, counter_summary, gauge_summary, rate_summary, or SHOW TABLES. The exact rows are
in runs, trends, counters, gauges and rates, each once. (run_rows, trend_rows and so on are what these read; beside them
they may hold rows of a landing that was broken off.) Nothing outside the tables can be read, least of all files. The quantile of any part of them, as in the summary of a run:
mesh_quantile(99.9, sumMap(v, c), min(min), max(max)).
With --json an array of objects; whole numbers of 64 bit and more are text in it, so that nothing rounds them.`;
  static override examples = [
    '<%= config.bin %> sql "SELECT * FROM latest_runs LIMIT 10"',
    `<%= config.bin %> sql "SELECT run, p95, p99 FROM trend_summary WHERE metric = 'http_req_duration'"`,
    `<%= config.bin %> sql "SELECT tags['name'] AS name, mesh_quantile(99, sumMap(v, c), min(min), max(max)) / 1000 AS p99_ms FROM trends WHERE metric = 'http_req_duration' AND count > 0 GROUP BY name"`,
    "<%= config.bin %> sql --csv < question.sql > answer.csv",
    '<%= config.bin %> sql --json "SELECT run, outcome FROM runs" | jq .',
  ];
  static override args = {
    query: Args.string({ description: "one statement; from standard input when missing or -" }),
  };
  static override flags = {
    csv: Flags.boolean({ summary: "CSV with a line of names", exclusive: ["json"] }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Sql);
    const { showSql } = await import("../sql/show-sql.ts");
    const output = this.jsonEnabled() ? "json" : flags.csv ? "csv" : "table";
    await showSql(args.query, { ...flags, output }, (line) => this.note(line));
  }
}
