/** What a person is told who writes a command that there is not. Called by oclif; package.json names it. */
import type { Hook } from "@oclif/core";
import { nearest } from "../domain/plan/nearest.ts";
import { exitCode, Failure } from "./exit-codes.ts";
import { tellFailure } from "./tell-failure.ts";

export const unknownCommand: Hook.CommandNotFound = async function ({ argv, config, id }) {
  const spell = (command: string) => command.replaceAll(":", " ");
  const meant = nearest(id, config.commandIDs);
  const hint = meant === undefined ? "mesh --help lists the commands" : `did you mean mesh ${spell(meant)}?`;
  const failure = new Failure(exitCode.usage, "Usage", `there is no command mesh ${spell(id)}`, hint);
  tellFailure(failure, argv?.includes("--json") === true);
  this.exit(failure.exit);
};
