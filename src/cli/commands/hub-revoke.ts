import { Args } from "@oclif/core";
import { KeysCommand } from "../keys-command.ts";
import type { Done } from "../trust/done.ts";

export class HubRevoke extends KeysCommand {
  static override summary = "End the credentials of one user of a hub at once";
  static override examples = ["<%= config.bin %> hub revoke hub door-ann"];
  static override args = {
    dir: Args.string({ description: "the hub's folder", required: true }),
    name: Args.string({ description: "root, watch, or door-NAME", required: true }),
  };

  async run(): Promise<Done> {
    const { args } = await this.parse(HubRevoke);
    const { hubRevoke } = await import("../trust/renew-zone.ts");
    return this.tellDone(await hubRevoke(args.dir, args.name));
  }
}
