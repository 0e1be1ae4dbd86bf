import { Args } from "@oclif/core";
import { MeshCommand } from "../base-command.ts";

export class Note extends MeshCommand {
  static override summary = "Write something down about a run, now or long after its end";
  static override description =
    "The note stands in the run's log, with who wrote it and when; mesh runs --json has it, too.";
  static override examples = ['<%= config.bin %> note last "the cache was cold: do not compare"'];
  static override args = {
    run: Args.string({ description: "a run, the beginning of its name, or last", required: true }),
    text: Args.string({ description: "what to remember", required: true }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Note);
    const { noteRun, notedText } = await import("../runs/note.ts");
    const noted = await noteRun(args.run, args.text, flags, (line) => this.note(line));
    if (!this.jsonEnabled()) process.stdout.write(notedText(noted));
    return noted;
  }
}
