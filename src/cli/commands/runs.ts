import { Flags } from "@oclif/core";
import { MeshCommand } from "../base-command.ts";

export class Runs extends MeshCommand {
  static override summary = "List runs, newest first";
  static override examples = [
    "<%= config.bin %> runs",
    "<%= config.bin %> runs --label git_branch=main",
    "<%= config.bin %> runs --json | jq '.[] | select(.outcome == \"failed\") | .run'",
  ];
  static override flags = {
    label: Flags.string({
      summary: "only runs with this label, key=value or key; repeatable, all must fit",
      char: "l",
      multiple: true,
      multipleNonGreedy: true,
    }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Runs);
    const { readRuns, runsText } = await import("../runs/list.ts");
    const labels = flags.label ?? [];
    const rows = await readRuns(flags, labels, (line) => this.note(line));
    if (!this.jsonEnabled()) process.stdout.write(runsText(rows, labels));
    return rows;
  }
}
