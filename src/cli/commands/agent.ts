import { Flags } from "@oclif/core";
import { MeshCommand } from "../base-command.ts";

export class Agent extends MeshCommand {
  static override summary = "Run an agent: it generates the load, with one worker process per core";
  static override examples = [
    "<%= config.bin %> agent --zone eu",
    "<%= config.bin %> agent --zone eu --name eu-7 --cores 4 --nats nats://eu-server:4222",
  ];
  static override enableJsonFlag = false;
  static override flags = {
    zone: Flags.string({
      summary: "zone to join (default: that of the credentials)",
      env: "MESH_ZONE",
    }),
    name: Flags.string({
      summary:
        "name of the agent, unique in its zone (default: that of the credentials; else host and a random part)",
      env: "MESH_AGENT",
    }),
    cores: Flags.integer({
      summary: "worker processes it may run (default: all cores)",
      env: "MESH_CORES",
      min: 1,
    }),
    label: Flags.string({
      summary: "a label key=value; repeatable (MESH_LABEL: separated by commas)",
      multiple: true,
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Agent);
    const { runAgent } = await import("../run-role.ts");
    await runAgent(flags, (line) => this.note(line));
  }
}
