import { Args, Flags } from "@oclif/core";
import { MeshCommand } from "../base-command.ts";

export class Abort extends MeshCommand {
  static override summary = "Stop a run in order: drained, torn down, summarised";
  static override description =
    "Waits until the run has ended, or, when that takes long, until it is stopping. The run itself exits with 105, this command with 0.";
  static override examples = ['<%= config.bin %> abort last --reason "the staging database is gone"'];
  static override args = {
    run: Args.string({ description: "a run, the beginning of its name, or last", required: true }),
  };
  static override flags = {
    reason: Flags.string({
      summary: "why; it stands in the run's log and summary",
      char: "r",
      env: "MESH_REASON",
      required: true,
    }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Abort);
    const { abortRun, abortedText } = await import("../runs/abort.ts");
    const aborted = await abortRun(args.run, flags, (line) => this.note(line));
    if (!this.jsonEnabled()) process.stdout.write(abortedText(aborted));
    return aborted;
  }
}
