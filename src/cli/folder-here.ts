/** The folder of a hub or a zone, where a command is run inside of it and means its server. */
import { existsSync } from "node:fs";
import { FACTS_FILE } from "../domain/folder-files.ts";
import type { Folder } from "../trust/folder.ts";
import { exitCode, Failure } from "./exit-codes.ts";

/** Undefined elsewhere. Commands that ask no such folder load nothing about keys. */
export async function folderHere(url: string | undefined): Promise<Folder | undefined> {
  if (url === undefined || !existsSync(FACTS_FILE)) return undefined;
  const [{ readFolder }, { urlOf }] = await Promise.all([
    import("../trust/folder.ts"),
    import("../trust/server-files.ts"),
  ]);
  const folder = readFolder(".");
  return urlOf(folder.facts) === url ? folder : undefined;
}

/** A login without credentials would be refused, and say nothing of why. */
export async function refuseFolderHere(url: string): Promise<void> {
  const folder = await folderHere(url);
  if (folder === undefined) return;
  const { kind, name } = folder.facts;
  const [whose, hint] =
    kind === "zone"
      ? [
          `zone ${name}`,
          `here run its server, mesh zone ${name} and mesh agent; root and doors (mesh run) run in the hub's folder`,
        ]
      : [
          "a hub",
          "here run its server, root and doors (mesh run); a zone and its agents run in the zone's folder",
        ];
  const message = `this is the folder of ${whose}: it has no credentials for this command`;
  throw new Failure(exitCode.usage, "WrongFolder", message, hint);
}
