import { Args } from "@oclif/core";
import { MeshCommand } from "../base-command.ts";

export class RunsRm extends MeshCommand {
  static override summary = "Remove ended runs: their logs and their intervals";
  static override examples = ["<%= config.bin %> runs rm mwr2lmo0-k7d2qx", "<%= config.bin %> runs rm last"];
  static override args = {
    run: Args.string({
      description: "a run, the beginning of its name, or last; several to remove several",
      required: true,
      multiple: true,
    }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(RunsRm);
    const { removeRuns } = await import("../runs/remove.ts");
    const removed = await removeRuns(args.run, flags, (line) => this.note(line));
    if (!this.jsonEnabled()) process.stdout.write(removed.map((run) => `removed run ${run}\n`).join(""));
    return { removed };
  }
}
