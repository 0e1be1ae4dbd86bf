import { MeshCommand } from "../base-command.ts";

export class ZoneLs extends MeshCommand {
  static override summary = "List the zones of a mesh: which are up, silent, drained or revoked";
  static override description =
    "Starts nothing. HEARD is how long ago the zone spoke, DELAY how long its word was on the way to the hub.";
  static override examples = [
    "<%= config.bin %> zone ls --nats nats://hub:4222",
    "<%= config.bin %> zone ls --json | jq -r '.zones[] | select(.isHeard | not) | .zone'",
  ];

  async run(): Promise<unknown> {
    const { flags } = await this.parse(ZoneLs);
    const { readZones, zonesText } = await import("../zones/list.ts");
    const { now, zones } = await readZones(flags, (line) => this.note(line));
    if (!this.jsonEnabled()) process.stdout.write(zonesText(zones, now));
    return { zones };
  }
}
