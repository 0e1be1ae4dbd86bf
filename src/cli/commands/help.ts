import { loadHelpClass } from "@oclif/core";
import { MeshCommand } from "../base-command.ts";

export class Help extends MeshCommand {
  static override summary = "Show the help of a command; the same as --help behind it";
  static override examples = [
    "<%= config.bin %> help",
    "<%= config.bin %> help run",
    "<%= config.bin %> help runs rm",
  ];
  static override enableJsonFlag = false;
  static override baseFlags = {} as never;
  /** The words of a command, any number of them. */
  static override strict = false;
  static override usage = "help [COMMAND]";

  async run(): Promise<void> {
    const { argv } = await this.parse(Help);
    const words = this.#known(argv.map(String));
    const id = words.join(":");
    const isKnown = id === "" || this.config.findCommand(id) !== undefined;
    // Running what is not there says so, with the nearest name.
    if (!isKnown) await this.config.runCommand(id);
    const Shown = await loadHelpClass(this.config);
    await new Shown(this.config, this.config.pjson.oclif.helpOptions).showHelp(words);
  }

  /** The longest beginning that is a command; all of them where none is. */
  #known(words: readonly string[]): string[] {
    const lengths = words.map((_, index) => words.length - index);
    const length = lengths.find(
      (count) => this.config.findCommand(words.slice(0, count).join(":")) !== undefined,
    );
    return words.slice(0, length);
  }
}
