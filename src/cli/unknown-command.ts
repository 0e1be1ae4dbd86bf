/** What a person is told who writes a command that there is not. Called by oclif; package.json names it. */
import type { Hook } from "@oclif/core";
import { nearest } from "../domain/plan/nearest.ts";
import { exitCode, Failure } from "./exit-codes.ts";
import { tellFailure } from "./tell-failure.ts";

export const unknownCommand: Hook.CommandNotFound = async function ({ argv, config, id }) {
  const [first = "", ...more] = id.split(":");
  if (config.commandIDs.includes(first) && more.length > 0) {
    const message = `mesh ${first} takes no ${JSON.stringify(more.join(" "))}`;
    return refuse(
      this,
      new Failure(exitCode.usage, "Usage", message, `mesh ${first} --help lists what it takes`),
      argv,
    );
  }
  const written = commandIn(id.split(":"), config.commandIDs);
  const meant = nearest(written, config.commandIDs.map(spelled));
  const hint = meant === undefined ? "mesh --help lists the commands" : `did you mean mesh ${meant}?`;
  refuse(this, new Failure(exitCode.usage, "Usage", `there is no command mesh ${written}`, hint), argv);
};

function refuse(
  context: { readonly exit: (code: number) => void },
  failure: Failure,
  argv: readonly string[] | undefined,
): void {
  tellFailure(failure, argv?.includes("--json") === true);
  context.exit(failure.exit);
}

const spelled = (command: string): string => command.replaceAll(":", " ");

/** The words that were meant as a command: the parser takes those behind it for a part of its name. */
function commandIn([first = "", second]: readonly string[], known: readonly string[]): string {
  const isTopic = known.some((command) => command.startsWith(`${first}:`));
  return isTopic && second !== undefined ? `${first} ${second}` : first;
}
