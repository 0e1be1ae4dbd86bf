/** What a person is told who writes a command that there is not. Called by oclif; package.json names it. */
import { Errors, type Hook } from "@oclif/core";
import { nearest } from "../domain/plan/nearest.ts";
import { exitCode } from "./exit-codes.ts";

export const unknownCommand: Hook.CommandNotFound = async function ({ config, id }) {
  const spell = (command: string) => command.replaceAll(":", " ");
  const meant = nearest(id, config.commandIDs);
  const hint = meant === undefined ? "" : `; did you mean mesh ${spell(meant)}?`;
  throw new Errors.CLIError(`there is no command mesh ${spell(id)}${hint} (mesh --help lists them)`, {
    exit: exitCode.usage,
  });
};
