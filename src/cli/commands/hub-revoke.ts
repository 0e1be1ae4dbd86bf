import { Args } from "@oclif/core";
import { MeshCommand } from "../base-command.ts";

export class HubRevoke extends MeshCommand {
  static override summary = "End the credentials of one user of a hub at once";
  static override examples = ["<%= config.bin %> hub revoke hub door-ann"];
  static override enableJsonFlag = false;
  static override args = {
    dir: Args.string({ description: "the hub's folder", required: true }),
    name: Args.string({ description: "root, watch, or door-NAME", required: true }),
  };

  async run(): Promise<void> {
    const { args } = await this.parse(HubRevoke);
    const { hubRevoke } = await import("../trust/renew-zone.ts");
    this.streams.print(await hubRevoke(args.dir, args.name));
  }
}
