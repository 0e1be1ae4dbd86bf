import { Args, Flags } from "@oclif/core";
import { MeshCommand } from "../base-command.ts";
import { listIn, pairs } from "../environment-lists.ts";
import * as load from "../run/load-flags.ts";

export class Plan extends MeshCommand {
  static override summary = "Show what a script would run: load over time, where it falls, agents needed";
  static override description = [
    "Reads the script and its options exactly as mesh run does, and refuses what mesh run refuses.",
    "Starts no server and sends no request.",
    "How many agents it needs is known once mesh bench --agent has measured what one of them carries.",
  ].join(" ");
  static override examples = [
    "<%= config.bin %> plan examples/quickstart.ts",
    "<%= config.bin %> plan script.ts --zones eu=2,us --agents 3",
    "<%= config.bin %> plan script.ts --json | jq .forecast",
  ];
  static override args = {
    script: Args.string({ description: "a TypeScript or JavaScript module", required: true }),
  };
  static override flags = {
    zones: load.zonesFlag,
    agents: load.agentsFlag,
    env: load.envFlag,
    vus: load.vusFlag,
    duration: load.durationFlag,
    stage: load.stageFlag,
    label: load.labelFlag,
    seed: load.seedFlag,
    iterations: load.iterationsFlag,
    guard: Flags.string({
      summary: "the guard file of the zones' owner: does it let the plan run? (docs/guard-rails.md)",
      env: "MESH_GUARD",
    }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Plan);
    const { showPlan } = await import("../plan/show-plan.ts");
    const { env, labels } = this.settings;
    const { shown, text } = await showPlan({
      ...flags,
      script: args.script,
      env: [...pairs(env), ...listIn("MESH_ENV"), ...(flags.env ?? [])],
      stages: flags.stage ?? listIn("MESH_STAGES"),
      label: [...pairs(labels), ...listIn("MESH_RUN_LABEL"), ...(flags.label ?? [])],
    });
    if (!this.jsonEnabled()) process.stdout.write(text());
    return shown;
  }
}
