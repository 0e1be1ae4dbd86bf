import { Args, Flags } from "@oclif/core";
import { MeshCommand } from "../base-command.ts";

export class ZoneDrain extends MeshCommand {
  static override summary = "Give a zone no new runs; those it has go on";
  static override description =
    "A run that names a drained zone is refused. Returns when root has written it into the mesh log (mesh events).";
  static override examples = [
    '<%= config.bin %> zone drain eu --reason "the rack is moved"',
    "<%= config.bin %> zone drain eu --undo",
  ];
  static override args = {
    name: Args.string({ description: "name of the zone", required: true }),
  };
  static override flags = {
    undo: Flags.boolean({ summary: "give it new runs again", env: "MESH_UNDO" }),
    reason: Flags.string({
      summary: "why; whoever asks for a run there is told",
      char: "r",
      env: "MESH_REASON",
    }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(ZoneDrain);
    const { drainZone, drainedText } = await import("../zones/drain.ts");
    const drained = await drainZone(args.name, flags, (line) => this.note(line));
    if (!this.jsonEnabled()) process.stdout.write(drainedText(drained));
    return drained;
  }
}
