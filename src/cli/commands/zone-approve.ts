import { Args, Flags } from "@oclif/core";
import { MeshCommand } from "../base-command.ts";

export class ZoneApprove extends MeshCommand {
  static override summary = "Approve a script for a zone whose owner requires that";
  static override description = [
    "Bundles the script as mesh run does, shows what it is, and adds the hash of the bundle to the guard file.",
    "A running zone reads that file anew for every share. It asks no server, but module scope of the script runs here:",
    "read the script first, or name the SHA-256 that the zone has told.",
  ].join(" ");
  static override examples = [
    "<%= config.bin %> zone approve eu script.ts",
    "<%= config.bin %> zone approve eu script.ts --guard /etc/mesh/guard.json",
  ];
  static override args = {
    name: Args.string({ description: "name of the zone", required: true }),
    script: Args.string({
      description: "a TypeScript or JavaScript module, or the SHA-256 of a bundle",
      required: true,
    }),
  };
  static override flags = {
    guard: Flags.string({
      summary: "the guard file of the zone's owner; made if it is not there",
      env: "MESH_GUARD",
      default: "guard.json",
    }),
    env: Flags.string({
      summary: "a value of __ENV that module scope needs, KEY=VALUE",
      char: "e",
      multiple: true,
    }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(ZoneApprove);
    const { approve, approvedText } = await import("../zone/approve.ts");
    const { env = [], guard } = flags;
    const approved = await approve({ zone: args.name, what: args.script, file: guard, env });
    if (!this.jsonEnabled()) process.stdout.write(approvedText(approved));
    return approved;
  }
}
