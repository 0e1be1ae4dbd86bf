import { Args } from "@oclif/core";
import { MeshCommand } from "../base-command.ts";
import { outliveReaders } from "../readers.ts";
import { reporterFlag } from "../report/reporter-flag.ts";

export class Attach extends MeshCommand {
  static override summary = "Watch a run that somebody else started, and end as it ends";
  static override description = `Shows the live view, then the summary, and exits with the run's own code; of a run that is over, the summary alone.
Ctrl-C only stops watching (130): the run goes on. mesh abort ends it.`;
  static override examples = [
    "<%= config.bin %> attach last",
    "<%= config.bin %> attach last --reporter junit=load.xml",
    "<%= config.bin %> attach mx1t1192 --nats nats://hub:4222",
  ];
  static override args = {
    run: Args.string({ description: "a run, the beginning of its name, or last", required: true }),
  };
  static override flags = { reporter: reporterFlag };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Attach);
    outliveReaders();
    const { attachTo } = await import("../run/attach.ts");
    const { print } = this.streams;
    const onChosen = (isJson: boolean) => void (this.isJsonReport = isJson);
    const asked = { ...flags, where: this.where, configured: this.settings.reporter, json: this.jsonAsked() };
    process.exitCode = await attachTo(args.run, { ...asked, print, onChosen });
  }
}
