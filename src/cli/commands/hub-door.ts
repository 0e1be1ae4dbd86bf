import { Args } from "@oclif/core";
import { KeysCommand } from "../keys-command.ts";
import type { Done } from "../trust/done.ts";
import { expiresFlag } from "../trust/choices.ts";

export class HubDoor extends KeysCommand {
  static override summary = "Make credentials for one more person or program that may ask for runs";
  static override examples = ["<%= config.bin %> hub door hub ann --expires 30d"];
  static override args = {
    dir: Args.string({ description: "the hub's folder", required: true }),
    name: Args.string({ description: "who it is: the log names whoever asked", required: true }),
  };
  static override flags = { ...expiresFlag };

  async run(): Promise<Done> {
    const { args, flags } = await this.parse(HubDoor);
    const { hubDoor } = await import("../trust/renew-zone.ts");
    return this.tellDone(await hubDoor(args.dir, args.name, flags.expires));
  }
}
