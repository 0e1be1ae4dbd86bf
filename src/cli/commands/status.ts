import { MeshCommand } from "../base-command.ts";

export class Status extends MeshCommand {
  static override summary = "Show what runs: servers, the leading root, zones, agents, open runs";
  static override description = "Starts nothing. Exits with 0 also when nothing runs.";
  static override examples = [
    "<%= config.bin %> status",
    "<%= config.bin %> status --nats nats://hub:4222 --json",
  ];

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Status);
    const { readStatus, statusText } = await import("../status.ts");
    const status = await readStatus(flags, (line) => this.note(line));
    if (!this.jsonEnabled()) process.stdout.write(statusText(status, Date.now()));
    return status;
  }
}
