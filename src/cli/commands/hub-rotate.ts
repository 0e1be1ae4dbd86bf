import { Args, Flags } from "@oclif/core";
import { MeshCommand } from "../base-command.ts";
import { expiresFlag } from "../trust/choices.ts";

export class HubRotate extends MeshCommand {
  static override summary = "Make new credentials for a hub's root, doors and watchers, while runs go on";
  static override examples = ["<%= config.bin %> hub rotate hub --expires 90d --revoke"];
  static override enableJsonFlag = false;
  static override args = { dir: Args.string({ description: "the hub's folder", required: true }) };
  static override flags = {
    revoke: Flags.boolean({ summary: "the old credentials end at once" }),
    ...expiresFlag,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(HubRotate);
    const { hubRotate } = await import("../trust/renew-zone.ts");
    this.streams.print(await hubRotate(args.dir, flags));
  }
}
