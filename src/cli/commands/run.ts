import { Args, Flags } from "@oclif/core";
import { MeshCommand } from "../base-command.ts";
import { listIn, pairs } from "../environment-lists.ts";
import { outliveReaders } from "../readers.ts";
import { reporterFlag } from "../report/reporter-flag.ts";
import * as load from "../run/load-flags.ts";

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
    "<%= config.bin %> run script.ts --secret API_TOKEN --secret DB=file:/run/secrets/db",
    "<%= config.bin %> run script.ts --label ticket=SHOP-7",
    "<%= config.bin %> run script.ts --reporter default --reporter junit=results/load.xml",
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
    secret: load.secretFlag,
    history: Flags.boolean({
      summary: "land the run in ClickHouse, for mesh sql",
      env: "MESH_HISTORY",
      allowNo: true,
      default: true,
    }),
    reporter: reporterFlag,
    iterations: load.iterationsFlag,
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
      secrets: [...listIn("MESH_SECRET"), ...(flags.secret ?? [])],
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
