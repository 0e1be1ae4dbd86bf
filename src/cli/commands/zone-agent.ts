import { Args, Flags } from "@oclif/core";
import { KeysCommand } from "../keys-command.ts";
import type { Done } from "../trust/done.ts";
import { expiresFlag } from "../trust/choices.ts";

export class ZoneAgent extends KeysCommand {
  static override summary = "Make credentials for more agents of a private zone";
  static override description =
    "The zone's server need not be told: it believes whatever the zone's key has signed. Agents that have a file already get a new one.";
  static override examples = ["<%= config.bin %> zone agent eu eu-2 eu-3 --dir zone-eu"];
  static override strict = false;
  static override args = {
    zone: Args.string({ description: "name of the zone", required: true }),
    agent: Args.string({ description: "name of an agent; more may follow", required: true }),
  };
  static override flags = {
    dir: Flags.string({ summary: "the zone's folder (default: zone-NAME, or here)" }),
    ...expiresFlag,
  };

  async run(): Promise<Done> {
    const { args, argv, flags } = await this.parse(ZoneAgent);
    const { zoneAgents } = await import("../trust/make.ts");
    const [, ...agents] = argv as string[];
    return this.tellDone(await zoneAgents(args.zone, agents, flags));
  }
}
