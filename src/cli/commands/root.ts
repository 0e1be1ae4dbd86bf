import { Flags } from "@oclif/core";
import { MeshCommand } from "../base-command.ts";

export class Root extends MeshCommand {
  static override summary = "Run a root: it leads when it holds the lease, and stands by otherwise";
  static override description =
    "Decides every run: divides it among zones, merges what they measured, gives the verdict. Start a second one for failover.";
  static override examples = [
    "<%= config.bin %> root",
    "<%= config.bin %> root --nats nats://hub:4222 --creds root.creds",
  ];
  static override enableJsonFlag = false;
  static override flags = {
    "land-now": Flags.boolean({
      summary: "land what earlier roots left before anything else",
      hidden: true,
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Root);
    const { runRoot } = await import("../run-role.ts");
    await runRoot(flags, (line) => this.note(line));
  }
}
