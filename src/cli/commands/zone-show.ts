import { Args } from "@oclif/core";
import { MeshCommand } from "../base-command.ts";

export class ZoneShow extends MeshCommand {
  static override summary = "Show all that is known of one zone, its agents included";
  static override description = "Starts nothing. mesh events shows what was decided about it, and when.";
  static override examples = [
    "<%= config.bin %> zone show eu --nats nats://hub:4222",
    "<%= config.bin %> zone show eu --json | jq '.words.agents'",
  ];
  static override args = {
    name: Args.string({ description: "name of the zone", required: true }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(ZoneShow);
    const { readZone, zoneText } = await import("../zones/show.ts");
    const { below, now, zone } = await readZone(args.name, flags, (line) => this.note(line));
    if (!this.jsonEnabled()) process.stdout.write(zoneText(zone, below, now));
    return zone;
  }
}
