/**
 * The entry of the command line. Commands are thin and load what they do only when they run, so that `--help` is
 * quick; nothing here waits at top level, because a closed pipe would leave such a wait unsettled (exit 13).
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { execute, settings } from "@oclif/core";
import pjson from "../../package.json" with { type: "json" };
import { watchReaders } from "./readers.ts";

settings.enableAutoTranspile = false; // Node strips types itself
watchReaders();

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
void execute({ loadOptions: { root, pjson: pjson as never, ignoreManifest: true } });
