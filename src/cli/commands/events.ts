import { Args, Flags } from "@oclif/core";
import { MeshCommand } from "../base-command.ts";

export class Events extends MeshCommand {
  static override summary = "Show the log of a run, or of the mesh: one line per event";
  static override description =
    "Without a run, the mesh log: zones that came, were drained or revoked, who was refused what, which runs were removed by whom. With --json one JSON document per line (NDJSON): sequence, time of storing, envelope and body.";
  static override examples = [
    "<%= config.bin %> events",
    "<%= config.bin %> events last",
    "<%= config.bin %> events last --follow",
    "<%= config.bin %> events last --json | jq -c '[.sequence, .envelope.type]'",
  ];
  static override args = {
    run: Args.string({ description: "a run, the beginning of its name, or last; without it, the mesh" }),
  };
  static override flags = {
    follow: Flags.boolean({
      summary: "go on until the run is over; with the mesh log, until it is interrupted",
      char: "f",
      env: "MESH_FOLLOW",
    }),
    intervals: Flags.boolean({
      summary: "root's merged intervals too: number, window, what each adds",
      env: "MESH_INTERVALS",
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Events);
    const options = { ...flags, json: this.jsonEnabled() };
    const note = (line: string) => this.note(line);
    const print = (line: string) => void process.stdout.write(`${line}\n`);
    if (args.run === undefined) {
      const { showMeshEvents } = await import("../zones/mesh-events.ts");
      return showMeshEvents(options, note, print);
    }
    const { showEvents } = await import("../runs/events.ts");
    await showEvents(args.run, options, note, print);
  }
}
