import { Args, Flags } from "@oclif/core";
import { MeshCommand } from "../base-command.ts";
import { listIn, pairs } from "../environment-lists.ts";
import { outliveReaders } from "../readers.ts";
import { reporterFlag } from "../report/reporter-flag.ts";

export class Run extends MeshCommand {
  static override summary = "Run a script: on this machine, or on the mesh that --nats names";
  static override description = `Without --nats it starts everything it needs – a NATS server, a root, zones, agents – and leaves nothing behind.
With --nats it only asks: a root, the zones and their agents must be running there.`;
  static override examples = [
    "<%= config.bin %> run examples/quickstart.ts",
    "<%= config.bin %> run script.ts --vus 20 --duration 30s",
    "<%= config.bin %> run script.ts --stage 30s:20,1m:20,10s:0",
    "<%= config.bin %> run script.ts --zones eu=2,us --agents 3",
    "<%= config.bin %> run script.ts --env BASE_URL=http://127.0.0.1:8080 --json > summary.json",
    "<%= config.bin %> run script.ts --label ticket=SHOP-7",
    "<%= config.bin %> run script.ts --reporter default --reporter junit=results/load.xml",
  ];
  static override args = {
    script: Args.string({ description: "a TypeScript or JavaScript module", required: true }),
  };
  static override flags = {
    zones: Flags.string({
      summary: "zones that share the load, by weight: name[=weight],…",
      env: "MESH_ZONES",
    }),
    agents: Flags.integer({
      summary: "agents in all, split over the zones by weight",
      env: "MESH_AGENTS",
      min: 1,
    }),
    env: Flags.string({
      summary: "a value for the script's __ENV, KEY=VALUE; repeatable (MESH_ENV: separated by commas)",
      char: "e",
      multiple: true,
      multipleNonGreedy: true,
    }),
    vus: Flags.integer({ summary: "virtual users", char: "u", env: "MESH_VUS" }),
    duration: Flags.string({ summary: "how long, e.g. 30s or 1m30s", char: "d", env: "MESH_DURATION" }),
    stage: Flags.string({
      summary: "virtual users that ramp, duration:target,…; repeatable (MESH_STAGES: separated by commas)",
      char: "s",
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ",",
    }),
    label: Flags.string({
      summary: "what this run is called in lists and in SQL, key=value; repeatable (MESH_RUN_LABEL: commas)",
      char: "l",
      multiple: true,
      multipleNonGreedy: true,
    }),
    seed: Flags.integer({
      summary: "draw the random choices of an earlier run again; its summary names its seed",
      env: "MESH_SEED",
      min: 0,
    }),
    history: Flags.boolean({
      summary: "land the run in ClickHouse, for mesh sql",
      env: "MESH_HISTORY",
      allowNo: true,
      default: true,
    }),
    reporter: reporterFlag,
    iterations: Flags.integer({
      summary: "iterations in all, shared by the VUs",
      char: "i",
      env: "MESH_ITERATIONS",
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Run);
    outliveReaders();
    const { runScript } = await import("../run/run-script.ts");
    const { reportersOf } = await import("../run/reporters-of.ts");
    const { env, labels, reporter: configured } = this.settings;
    const asked = { ...flags, script: args.script, where: this.where, configured, json: this.jsonAsked() };
    const reporters = reportersOf(asked, this.streams);
    this.isJsonReport = reporters.isJson;
    const done = await runScript({
      ...flags,
      print: this.streams.print,
      env: [...pairs(env), ...listIn("MESH_ENV"), ...(flags.env ?? [])],
      stages: flags.stage ?? listIn("MESH_STAGES"),
      label: [...pairs(labels), ...listIn("MESH_RUN_LABEL"), ...(flags.label ?? [])],
      script: args.script,
      reporters,
    }).catch((error: Error) => {
      reporters.broken(error.message);
      throw error;
    });
    process.exitCode = done.exitCode;
  }
}
