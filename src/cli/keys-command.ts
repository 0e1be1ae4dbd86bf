/** What the commands share that make or end credentials: how they tell what they have done. */
import { printableLines } from "../domain/printable.ts";
import { MeshCommand } from "./base-command.ts";
import { type Done, doneText } from "./trust/done.ts";

export abstract class KeysCommand extends MeshCommand {
  /** For people on stdout; with `--json` it is the command's result. */
  protected tellDone(done: Done): Done {
    if (!this.jsonEnabled()) this.streams.print(printableLines(doneText(done)));
    return done;
  }
}
