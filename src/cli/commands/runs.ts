import { MeshCommand } from "../base-command.ts";

export class Runs extends MeshCommand {
  static override summary = "List runs, newest first";
  static override examples = [
    "<%= config.bin %> runs",
    "<%= config.bin %> runs --json | jq '.[] | select(.outcome == \"failed\") | .run'",
  ];

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Runs);
    const { readRuns, runsText } = await import("../runs/list.ts");
    const rows = await readRuns(flags, (line) => this.note(line));
    if (!this.jsonEnabled()) process.stdout.write(runsText(rows));
    return rows;
  }
}
