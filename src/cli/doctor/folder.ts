/** The folder of a hub's or zone's server, where the command runs in one: room on its disk, and every login in it. */
import { readdirSync, statfsSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Folder, hasFacts, readFolder } from "../../trust/folder.ts";
import { credentialsIn } from "../credentials.ts";
import { fail, failureOf, type Finding, ok } from "./finding.ts";
import { judgeSpace } from "./judge.ts";
import { judgeCredentials } from "./login.ts";
import type { Patient } from "./patient.ts";

const HERE = ".";

export async function folder(patient: Patient): Promise<readonly Finding[]> {
  if (!hasFacts(HERE)) return [];
  try {
    const { facts, path } = readFolder(HERE);
    const what = facts.kind === "hub" ? "a hub" : `zone ${facts.name}`;
    const disk = statfsSync(path);
    const room = judgeSpace(
      "folder",
      `${path}, of ${what}`,
      disk.bavail * disk.bsize,
      "store_dir in nats.conf",
    );
    return [room, ...(await ownServer(patient, facts.name)), ...logins({ facts, path }, patient.credsFile)];
  } catch (error) {
    return [failureOf("folder", error, "run it in the folder that mesh hub init or mesh zone init made")];
  }
}

/** Another zone's server at the address of this folder. */
async function ownServer(patient: Patient, zone: string): Promise<readonly Finding[]> {
  const survey = await patient.survey().catch(() => undefined);
  if (survey?.zone === undefined || survey.zone === zone) return [];
  const message = `the server that answers is that of zone ${survey.zone}, and this folder is that of ${zone}`;
  return [fail("folder", message, "stop the other server, or name another address in nats.conf")];
}

/** Those that are well are counted, the others are told one by one; the command's own are told by themselves. */
function logins({ facts, path }: Folder, ownFile: string | undefined): readonly Finding[] {
  // The system's own name no zone.
  const zone = facts.kind === "zone" ? facts.name : undefined;
  const files = ["creds", "agents"].flatMap((at) => credsIn(join(path, at)));
  const judged = files.flatMap((file) => {
    const own = credentialsIn(file);
    return own === undefined
      ? []
      : [{ file, finding: judgeCredentials(file, { ...own, zone: own.zone ?? zone }) }];
  });
  const notWell = judged.filter(({ finding }) => finding.status !== "ok");
  const good = judged.length - notWell.length;
  const isOwn = (file: string) => ownFile !== undefined && resolve(file) === resolve(ownFile);
  const wrong = notWell.filter(({ file }) => !isOwn(file)).map(({ finding }) => finding);
  return good === 0 ? wrong : [ok("credentials", `${good} in this folder are good`), ...wrong];
}

function credsIn(path: string): readonly string[] {
  try {
    return readdirSync(path)
      .filter((name) => name.endsWith(".creds"))
      .map((name) => join(path, name));
  } catch {
    return []; // there are none
  }
}
