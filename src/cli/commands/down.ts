import { MeshCommand } from "../base-command.ts";

export class Down extends MeshCommand {
  static override summary = "Stop the embedded servers, whoever uses them; what they stored is kept";
  static override examples = ["<%= config.bin %> down"];
  static override baseFlags = {} as never;

  async run(): Promise<unknown> {
    await this.parse(Down);
    const { downText, takeDown } = await import("../embedded-servers.ts");
    const down = await takeDown();
    if (!this.jsonEnabled()) process.stdout.write(downText(down));
    return down;
  }
}
