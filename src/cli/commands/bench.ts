import { Flags } from "@oclif/core";
import { MeshCommand } from "../base-command.ts";

export class Bench extends MeshCommand {
  static override summary = "Measure what an agent on this machine carries, for mesh plan";
  static override description = [
    "Over loopback and without a mesh: iterations per second of a closed loop, arrivals per second of the open model of",
    "which 99.9 % start within 1 ms, and memory per VU. Takes about half a minute; let nothing else run meanwhile.",
    "The figures are kept in MESH_HOME.",
  ].join(" ");
  static override examples = [
    "<%= config.bin %> bench --agent",
    "<%= config.bin %> bench --agent --json | jq .capacity.perCore",
  ];
  static override baseFlags = {} as typeof MeshCommand.baseFlags;
  static override flags = {
    agent: Flags.boolean({ summary: "an agent: workers, VUs, requests", required: true }),
    seconds: Flags.integer({ summary: "how long each figure is measured", default: 4, min: 1, max: 60 }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Bench);
    const { benchAgent, benchText } = await import("../bench/bench-agent.ts");
    const { lookHere } = await import("../plan/look-here.ts");
    const result = await benchAgent(flags.seconds, (line) => this.note(line));
    if (!this.jsonEnabled()) process.stdout.write(benchText(result, lookHere()));
    return result;
  }
}
