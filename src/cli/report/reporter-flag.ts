/** The flag that chooses reporters, the same for every command that tells the end of a run. */
import { Flags } from "@oclif/core";

export const reporterFlag = Flags.string({
  summary: "default, json, ndjson, junit, github or agent; NAME=FILE for a file; repeatable",
  description: `Without a reporter for stdout: default, with github beside it in GitHub Actions, or agent where an AI agent reads.
MESH_REPORTER: separated by commas.`,
  multiple: true,
  multipleNonGreedy: true,
});
