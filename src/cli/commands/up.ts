import { MeshCommand } from "../base-command.ts";

export class Up extends MeshCommand {
  static override summary = "Start the embedded servers and let them stay, until mesh down";
  static override description =
    "Commands start them by themselves and stop them after use; this keeps them for a mesh that stays. Says where they are and how roles and other commands use them.";
  static override examples = ["<%= config.bin %> up", "<%= config.bin %> up --json"];
  /** These servers are our own: there is no other to name. */
  static override baseFlags = {} as never;

  async run(): Promise<unknown> {
    await this.parse(Up);
    const { bringUp, upText } = await import("../embedded-servers.ts");
    const up = await bringUp((line) => this.note(line));
    if (!this.jsonEnabled()) process.stdout.write(upText(up));
    return up;
  }
}
