import { Args, Flags } from "@oclif/core";
import { MeshCommand } from "../base-command.ts";

export class Zone extends MeshCommand {
  static override summary = "Run a zone: the coordinator of the agents in one place";
  static override description =
    "Divides its share of a run among its agents and the zones below it, merges their intervals, watches that they live, and keeps the zone log.";
  static override examples = [
    "<%= config.bin %> zone eu",
    "<%= config.bin %> zone eu --nats nats://hub:4222 --creds eu.creds",
    "<%= config.bin %> zone eu --guard guard.json",
    "<%= config.bin %> zone eu-lab --parent eu",
  ];
  static override enableJsonFlag = false;
  static override args = {
    name: Args.string({ description: "name of the zone, unique in the mesh", required: true }),
  };

  static override flags = {
    guard: Flags.string({
      summary:
        "the owner's guard file: what runs may do from here (docs/guard-rails.md); read anew for every run",
      env: "MESH_GUARD",
    }),
    parent: Flags.string({
      summary: "zone that this one is below; without it, the zone is one of root's",
      env: "MESH_PARENT",
      helpValue: "ZONE",
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Zone);
    const { runZone } = await import("../run-role.ts");
    await runZone(args.name, flags, (line) => this.note(line));
  }
}
