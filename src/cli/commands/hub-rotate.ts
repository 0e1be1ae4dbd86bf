import { Args, Flags } from "@oclif/core";
import { KeysCommand } from "../keys-command.ts";
import type { Done } from "../trust/done.ts";
import { expiresFlag } from "../trust/choices.ts";

export class HubRotate extends KeysCommand {
  static override summary = "Make new credentials for a hub's root, doors and watchers, while runs go on";
  static override examples = ["<%= config.bin %> hub rotate hub --expires 90d --revoke"];
  static override args = { dir: Args.string({ description: "the hub's folder", required: true }) };
  static override flags = {
    revoke: Flags.boolean({ summary: "the old credentials end at once" }),
    ...expiresFlag,
  };

  async run(): Promise<Done> {
    const { args, flags } = await this.parse(HubRotate);
    const { hubRotate } = await import("../trust/renew-zone.ts");
    return this.tellDone(await hubRotate(args.dir, flags));
  }
}
