import { Args, Flags } from "@oclif/core";
import { MeshCommand } from "../base-command.ts";

export class Server extends MeshCommand {
  static override summary = "Run the NATS server of a hub's or a zone's folder, until it is told to end";
  static override description =
    "Finds nats-server in PATH or in the cache, or gets one. Its log goes to server.log in the folder; warnings, errors and what becomes of links are told here. What it refuses to whom is told to the mesh, too: mesh events shows it. SIGHUP makes it read its configuration again.";
  static override examples = [
    "<%= config.bin %> server hub",
    "<%= config.bin %> server zone-eu",
    "<%= config.bin %> server hub --watch-log /var/log/nats/hub.log",
  ];
  static override enableJsonFlag = false;
  static override args = {
    dir: Args.string({ description: "the folder (default: here)", default: "." }),
  };
  static override flags = {
    log: Flags.boolean({ summary: "tell every line of the server's log" }),
    "watch-log": Flags.string({
      summary: "run no server: only watch this log of one that something else runs, such as a container",
    }),
    nats: Flags.string({
      summary: "with --watch-log: where that server listens (default: as the folder says)",
    }),
  };

  async run(): Promise<void> {
    const { args, flags, metadata } = await this.parse(Server);
    const { runServer } = await import("../trust/run-server.ts");
    // The folder's own mesh.config.json names its server for every other command that is run inside.
    const isTyped = metadata.flags["nats"]?.setFromDefault !== true;
    await runServer(args.dir, { ...flags, nats: isTyped ? flags.nats : undefined }, this.streams);
  }
}
