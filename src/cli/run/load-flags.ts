/** The flags that say what a run is: what `mesh run` does and what `mesh plan` shows must not differ in them. */
import { Flags } from "@oclif/core";

export const zonesFlag = Flags.string({
  summary: "zones that share the load, by weight: name[=weight],…",
  env: "MESH_ZONES",
});

export const agentsFlag = Flags.integer({
  summary: "agents in all, split over the zones by weight (default: one for each zone)",
  env: "MESH_AGENTS",
  min: 1,
});

export const envFlag = Flags.string({
  summary: "a value for the script's __ENV, KEY=VALUE; repeatable (MESH_ENV: separated by commas)",
  char: "e",
  multiple: true,
  multipleNonGreedy: true,
});

export const vusFlag = Flags.integer({ summary: "virtual users", char: "u", env: "MESH_VUS" });

export const durationFlag = Flags.string({
  summary: "how long, e.g. 30s or 1m30s",
  char: "d",
  env: "MESH_DURATION",
});

export const stageFlag = Flags.string({
  summary: "virtual users that ramp, duration:target,…; repeatable (MESH_STAGES: separated by commas)",
  char: "s",
  multiple: true,
  multipleNonGreedy: true,
  delimiter: ",",
});

export const labelFlag = Flags.string({
  summary: "what this run is called in lists and in SQL, key=value; repeatable (MESH_RUN_LABEL: commas)",
  char: "l",
  multiple: true,
  multipleNonGreedy: true,
});

export const iterationsFlag = Flags.integer({
  summary: "iterations in all, shared by the VUs",
  char: "i",
  env: "MESH_ITERATIONS",
});

export const seedFlag = Flags.integer({
  summary: "draw the random choices of an earlier run again; its summary names its seed",
  env: "MESH_SEED",
  min: 0,
});

export const secretFlag = Flags.string({
  summary:
    "a value for the script's secrets.get, shown nowhere: NAME, NAME=env:VARIABLE or NAME=file:PATH; repeatable (MESH_SECRET: commas)",
  multiple: true,
  multipleNonGreedy: true,
});
