import { Args, Flags } from "@oclif/core";
import { KeysCommand } from "../keys-command.ts";
import type { Done } from "../trust/done.ts";
import { parentFlags } from "../trust/choices.ts";

export class ZoneRevoke extends KeysCommand {
  static override summary = "End the credentials of a private zone's link, or of one of its agents";
  static override description =
    "A running server cuts off at once whoever used them; one that does not run knows it from its next start on.";
  static override examples = [
    "<%= config.bin %> zone revoke eu --hub hub",
    "<%= config.bin %> zone revoke eu --agent eu-2 --dir zone-eu",
  ];
  static override args = {
    name: Args.string({ description: "name of the zone", required: true }),
  };
  static override flags = {
    ...parentFlags,
    dir: Flags.string({
      summary: "the zone's folder, for an agent (default: where it was made, if its server runs there)",
    }),
    agent: Flags.string({ summary: "this agent's credentials, and not those of the link" }),
  };

  async run(): Promise<Done> {
    const { args, flags } = await this.parse(ZoneRevoke);
    const { zoneRevoke } = await import("../trust/renew-zone.ts");
    return this.tellDone(await zoneRevoke(args.name, flags));
  }
}
