import { Args, Flags } from "@oclif/core";
import { MeshCommand } from "../base-command.ts";

export class Events extends MeshCommand {
  static override summary = "Show the log of a run, one line per event";
  static override description =
    "With --json one JSON document per line (NDJSON): sequence, time of storing, envelope and body.";
  static override examples = [
    "<%= config.bin %> events last",
    "<%= config.bin %> events last --follow",
    "<%= config.bin %> events last --json | jq -c '[.sequence, .envelope.type]'",
  ];
  static override args = {
    run: Args.string({ description: "a run, the beginning of its name, or last", required: true }),
  };
  static override flags = {
    follow: Flags.boolean({ summary: "go on until the run is over", char: "f", env: "MESH_FOLLOW" }),
    intervals: Flags.boolean({
      summary: "root's merged intervals too: number, window, what each adds",
      env: "MESH_INTERVALS",
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Events);
    const { showEvents } = await import("../runs/events.ts");
    await showEvents(
      args.run,
      { ...flags, json: this.jsonEnabled() },
      (line) => this.note(line),
      (line) => void process.stdout.write(`${line}\n`),
    );
  }
}
