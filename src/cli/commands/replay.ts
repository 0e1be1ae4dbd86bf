import { Args } from "@oclif/core";
import { MeshCommand } from "../base-command.ts";
import { exitCode } from "../exit-codes.ts";

export class Replay extends MeshCommand {
  static override summary =
    "Live a run again from its log and its intervals, and compare with what is stored";
  static override description = `Folds the run log and root's interval log from the streams alone, checks the hash chain of the one and the
numbers of the other, and prints the same summary as the run did. What the run stored of its summary and verdict is
read only to compare. Exits with ${exitCode.invalid} when something is missing, moved, edited or comes out differently, and says first where.`;
  static override examples = ["<%= config.bin %> replay last", "<%= config.bin %> replay mwr2lmo0 --json"];
  static override args = {
    run: Args.string({ description: "a run, the beginning of its name, or last", required: true }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Replay);
    const { findingsText, replay, replayedText } = await import("../runs/replay.ts");
    const replayed = await replay(args.run, flags, (line) => this.note(line));
    if (!replayed.ok) process.exitCode = exitCode.invalid;
    const { differences, ok, run, summary } = replayed;
    if (this.jsonEnabled()) return { run, ok, differences, summary: summary ?? null };
    process.stdout.write(replayedText(replayed));
    this.note(findingsText(replayed));
    return undefined;
  }
}
