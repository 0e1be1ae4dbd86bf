import { Args, Flags } from "@oclif/core";
import { MeshCommand } from "../base-command.ts";

export class Init extends MeshCommand {
  static override summary = "Write a starter: a typed load test, and what an editor and CI need for it";
  static override description =
    "Writes script.ts, mesh.config.ts, tsconfig.json, a CI job, and package.json and .gitignore where they are missing. Where a file is there already nothing is written at all, unless --force is given.";
  static override examples = [
    "<%= config.bin %> init load-test",
    "<%= config.bin %> init load-test && cd load-test && <%= config.bin %> run script.ts --env BASE_URL=http://127.0.0.1:8080",
  ];
  static override baseFlags = {} as never;
  static override args = {
    folder: Args.string({ description: "where to; made if it is missing", default: "." }),
  };
  static override flags = {
    force: Flags.boolean({ summary: "overwrite files that are there", env: "MESH_FORCE" }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Init);
    const { initText, writeStarter } = await import("../init/write-starter.ts");
    const starter = writeStarter(args.folder, flags.force);
    if (!this.jsonEnabled()) process.stdout.write(initText(starter));
    return starter;
  }
}
