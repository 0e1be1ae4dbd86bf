/** `mesh hub init`, `mesh zone init` and `mesh zone agent`: from flags to folders, and what to type next. */
import { join, resolve } from "node:path";
import type { Delivered } from "../../trust/deliver.ts";
import { hasFacts, readFolder } from "../../trust/folder.ts";
import { initHub } from "../../trust/init-hub.ts";
import { initZone, issueAgent, checkAgent } from "../../trust/init-zone.ts";
import { credsFile } from "../../trust/users.ts";
import { shellWord } from "../shell-word.ts";
import { type Done, doneWith } from "./done.ts";
import { expiryOf, type TlsFlags, tlsChoice, type UpperEnd, upperFolder, usage } from "./choices.ts";
import { whileLocked } from "./locked.ts";

interface HubFlags extends TlsFlags {
  readonly listen: string;
  readonly leaf: string;
  readonly cluster: number;
  readonly shared: boolean;
  readonly route?: string | undefined;
  readonly expires?: string | undefined;
}

export async function hubInit(dir: string, flags: HubFlags): Promise<Done> {
  const { cluster, expires, leaf, listen, route, shared } = flags;
  const choice = { path: resolve(dir), listen, leaf, route, servers: cluster, shared };
  const { facts } = await initHub({ ...choice, tls: tlsChoice(flags), expiresAtS: expiryOf(expires) });
  const folder = shellWord(dir);
  const servers = facts.servers.map(({ folder: at }) => `mesh server ${shellWord(join(dir, at))}`);
  return doneWith(
    [`made a hub in ${dir}`],
    [resolve(dir)],
    [
      ...servers.map((line) => [line, "its server, each in a terminal or service of its own"] as const),
      [`cd ${folder} && mesh root`, "decides every run"],
      ...(shared
        ? ([
            [`cd ${folder} && mesh zone eu`, "a zone at the same server"],
            [`cd ${folder} && mesh agent --zone eu`, "an agent of it"],
          ] as const)
        : ([[`mesh zone init eu --hub ${folder}`, "a private zone that dials it"]] as const)),
      [`cd ${folder} && mesh run script.ts --zones eu`, "with the credentials of a door"],
    ],
  );
}

interface ZoneFlags extends TlsFlags, UpperEnd {
  readonly dir?: string | undefined;
  readonly url?: readonly string[] | undefined;
  readonly agents: number;
  readonly listen?: string | undefined;
  readonly leaf?: string | undefined;
  readonly expires?: string | undefined;
}

export async function zoneInit(zone: string, flags: ZoneFlags): Promise<Done> {
  const { agents, dir = `zone-${zone}`, expires, leaf, listen, url = [] } = flags;
  const { path: above } = parentFolder(flags);
  const names = Array.from({ length: agents }, (_, n) => `${zone}-${n + 1}`);
  const choice = { zone, path: resolve(dir), urls: url, listen, leaf, agents: names };
  const ends = { tls: tlsChoice(flags), expiresAtS: expiryOf(expires) };
  const made = await whileLocked([above], () => initZone({ ...choice, ...ends, parent: readFolder(above) }));
  const { delivered, urls } = made;
  const heard = heardText(delivered, above, zone);
  const folder = shellWord(dir);
  return doneWith(
    [`made zone ${zone} in ${dir}; it listens on ${made.listen} and dials ${urls.join(", ")}; ${heard}`],
    [resolve(dir)],
    [
      [`mesh server ${folder}`, "its own server; carry the folder into the private network first"],
      [`cd ${folder} && mesh zone ${zone}`, "its coordinator"],
      ...names
        .slice(0, 2)
        .map(
          (name) => [`cd ${folder} && mesh agent --creds ${credsFile("agent", name)}`, "an agent"] as const,
        ),
      [`mesh zone agent ${zone} NAME --dir ${folder}`, "credentials for one more agent"],
    ],
  );
}

/** What the parent's server knows of a new zone. */
export function heardText(delivered: Delivered, parent: string, zone: string): string {
  if (delivered === "running") return `${parent} runs and knows the zone now`;
  if (delivered === "stopped") return `${parent} knows the zone when its server starts`;
  const again = `mesh zone rotate ${zone} --hub ${shellWord(parent)}`;
  return `the server of ${parent} gave no answer: if it runs, it may not know the zone until it starts anew, or until ${again} reaches it`;
}

/** The hub or zone that a zone hangs below. */
export function parentFolder(flags: UpperEnd) {
  const named = upperFolder(flags);
  if (named !== undefined) return readFolder(named);
  if (hasFacts(".")) return readFolder(".");
  throw usage(
    "which hub? this folder is none",
    "name its folder with --hub DIR; mesh hub init DIR makes one",
  );
}

interface AgentFlags {
  readonly dir?: string | undefined;
  readonly expires?: string | undefined;
}

export async function zoneAgents(zone: string, agents: readonly string[], flags: AgentFlags): Promise<Done> {
  const folder = zoneFolder(zone, flags.dir);
  const expiresAtS = expiryOf(flags.expires);
  for (const agent of agents) checkAgent(agent);
  await whileLocked([folder.path], async () => {
    for (const agent of agents) await issueAgent(folder, agent, expiresAtS);
  });
  const files = agents.map((agent) => join(folder.path, credsFile("agent", agent)));
  const next = files.map(
    (file) =>
      [`mesh agent --creds ${shellWord(file)}`, "with --nats ADDRESS outside of the zone's folder"] as const,
  );
  const said = `made credentials for ${agents.join(", ")}; the zone's server knows them already`;
  return doneWith([said], files, next);
}

/** The folder of a zone: the one named, or the one that `mesh zone init` makes, or this one. */
export function zoneFolder(zone: string, dir: string | undefined) {
  const named = dir ?? (hasFacts(`zone-${zone}`) ? `zone-${zone}` : ".");
  const folder = readFolder(named);
  if (folder.facts.kind === "zone" && folder.facts.name === zone) return folder;
  throw usage(
    `${named} is the folder of ${folder.facts.kind === "hub" ? "a hub" : `zone ${folder.facts.name}`}, not of zone ${zone}`,
    "name the zone's folder with --dir DIR",
  );
}
