import { Args } from "@oclif/core";
import { MeshCommand } from "../base-command.ts";

export class Completion extends MeshCommand {
  static override summary = "Print the completion of commands, flags and their values for a shell";
  static override description = `For one shell, until it ends: source <(mesh completion bash), or the same with zsh.
For every bash from now on (with the package bash-completion), and for every zsh, as below. After an update of mesh, once more.`;
  static override examples = [
    "source <(<%= config.bin %> completion bash)",
    "mkdir -p ~/.local/share/bash-completion/completions && <%= config.bin %> completion bash > ~/.local/share/bash-completion/completions/mesh",
    `<%= config.bin %> completion zsh > "\${fpath[1]}/_mesh"`,
  ];
  static override enableJsonFlag = false;
  static override baseFlags = {} as never;
  static override args = {
    shell: Args.string({ description: "which shell", options: ["bash", "zsh"], required: true }),
  };

  async run(): Promise<void> {
    const { args } = await this.parse(Completion);
    const { bashCompletion } = await import("../completion/bash.ts");
    const { zshCompletion } = await import("../completion/zsh.ts");
    const { commandWords } = await import("../completion/command-words.ts");
    const words = commandWords(this.config.commands);
    process.stdout.write(args.shell === "zsh" ? zshCompletion(words) : bashCompletion(words));
  }
}
