/**
 * What each principal may publish and subscribe to, derived from the assets: who writes them, who reads them, what kind
 * they are, and which durables there are. Credentials carry exactly these lists; a server refuses everything else.
 */
import type { Asset, Role, Scope } from "./asset.ts";
import { type AssetName, assets, durables } from "./assets.ts";
import { linkGrants, streamOf } from "./leaf.ts";
import { patterns } from "./subjects.ts";

/** Who may hold credentials. `leaf` is a zone's server as the parent's server sees it; `watch` tells what its server refused. */
export const principals = ["root", "door", "watch", "zone", "agent", "leaf"] as const;
export type Principal = (typeof principals)[number];

/** Whose rights are asked for. Names may be templates that a server fills in from the credentials. */
export interface Holder {
  /** The user's name in the credentials: `root`, `door-ann`, `zone-eu`, `agent-eu-1`. */
  readonly name: string;
  readonly zone: string;
  readonly agent: string;
  /** The zone above this one; missing where that is root. */
  readonly parent?: string | undefined;
}

export interface Permissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

const API = "$JS.API";
const ANY = "*";
/** In front of an agent's name in the subjects of its zone. */
const AGENT = ".agent.";
const ARRIVAL = ".arrive.";

export function permissionsOf(principal: Principal, holder: Holder): Permissions {
  const { publish, subscribe } = rules[principal](holder);
  const inbox = `${inboxOf(principal, holder)}.>`;
  return { publish: unique(publish), subscribe: unique([inbox, ...subscribe]) };
}

/** Where a principal's answers come back: nobody else may listen there. A leaf carries its zone's. */
const inboxOf = (principal: Principal, { name, zone }: Holder): string =>
  `_INBOX.${principal === "leaf" ? `zone-${zone}` : name}`;

const unique = (list: readonly string[]): readonly string[] => [...new Set(list)];

const rules: Readonly<Record<Principal, (holder: Holder) => Permissions>> = {
  root: () => ({
    publish: [
      ...provisioning(),
      ...reading(ANY),
      ...pulling("root", "", ""),
      ...pulling("hubWatch", "", ""),
      ...writes("root", ["hub", "link"], ANY),
    ],
    subscribe: [patterns.zoneBeats],
  }),
  door: ({ name }) => ({
    publish: [
      ...readsOf("door", "hub", ""),
      ...writes("door", ["hub"], ""),
      // Signed by the subject: nobody gives commands in another's name.
      patterns.rootCommandsBy.replace(ANY, name),
      ...objectUpkeep("door", "hub", ""),
    ],
    subscribe: [],
  }),
  watch: ({ zone }) => ({ publish: writes("watch", [zone === "" ? "hub" : "zone"], zone), subscribe: [] }),
  zone: (holder) => ({
    publish: [
      ...provisioning(),
      ...reading(ANY),
      ...pulling("reports", holder.zone, ""),
      ...pulling("zoneWatch", holder.zone, ""),
      ...writes("zone", ["zone"], holder.zone),
      ...asParent(),
      ...upwards(holder),
    ],
    subscribe: [
      patterns.zonePulse(holder.zone),
      patterns.agentBeats(holder.zone),
      patterns.childBeats(holder.zone),
      ...downwards(holder),
    ],
  }),
  agent: agentRule,
  leaf: (holder) => ({ publish: upwards(holder), subscribe: downwards(holder) }),
};

/** A zone is the parent of its inner zones: it tells them what root tells a zone. */
const asParent = (): readonly string[] => writes("root", ["link"], ANY);

/** An agent: its own subjects, its own durable, and direct gets of what concerns it. */
function agentRule({ agent, zone }: Holder): Permissions {
  const get = (asset: AssetName, subject: string) =>
    `${API}.DIRECT.GET.${streamOf(assets[asset], zone)}.${subject}`;
  const own = (subject: string) =>
    subject.replace(`${AGENT}${ANY}`, `${AGENT}${agent}`).replace(`${ARRIVAL}${ANY}`, `${ARRIVAL}${agent}`);
  const objects = streamOf(assets.zoneObjects, zone);
  const released = patterns.syncReleases(zone);
  return {
    publish: [
      ...writes("agent", ["zone"], zone).map(own),
      ...pulling("agent", zone, agent),
      get("zoneLive", own(patterns.agentBeats(zone))),
      get("zoneIntervals", own(patterns.agentIntervals(zone))),
      get("sync", released),
      get("sync", patterns.syncOnces(zone)),
      `${API}.STREAM.INFO.${objects}`,
      `${API}.STREAM.MSG.GET.${objects}`,
      `${API}.DIRECT.GET.${objects}`,
      `${API}.DIRECT.GET.${objects}.>`,
    ],
    subscribe: [patterns.zonePulse(zone), own(patterns.agentThrough(zone)), released],
  };
}

const upwards = ({ parent, zone }: Holder): readonly string[] =>
  linkGrants(zone, parent)
    .filter(({ kind }) => kind === "service")
    .map(({ local }) => local);

const downwards = ({ parent, zone }: Holder): readonly string[] =>
  linkGrants(zone, parent)
    .filter(({ kind }) => kind === "stream")
    .map(({ local }) => local);

/** Creating and mending streams and durables, and removing messages; never removing a stream. */
function provisioning(): readonly string[] {
  const verbs = ["CREATE", "UPDATE", "INFO", "PURGE", "MSG.DELETE"];
  return [
    ...verbs.map((verb) => `${API}.STREAM.${verb}.${ANY}`),
    `${API}.CONSUMER.DURABLE.CREATE.${ANY}.${ANY}`,
    `${API}.INFO`,
  ];
}

/** Reading a stream by ordered consumers, which whoever reads makes and removes, and by direct gets. */
const reading = (stream: string): readonly string[] => [
  `${API}.STREAM.INFO.${stream}`,
  `${API}.STREAM.MSG.GET.${stream}`,
  `${API}.DIRECT.GET.${stream}`,
  `${API}.DIRECT.GET.${stream}.>`,
  `${API}.CONSUMER.CREATE.${stream}`,
  `${API}.CONSUMER.CREATE.${stream}.>`,
  ...["INFO", "DELETE", "MSG.NEXT"].map((verb) => `${API}.CONSUMER.${verb}.${stream}.${ANY}`),
];

/** Pulling from a durable that somebody else created. */
function pulling(durable: keyof typeof durables, zone: string, agent: string): readonly string[] {
  const { asset, name } = durables[durable];
  const at = `${streamOf(assets[asset], zone)}.${name(agent)}`;
  return [`${API}.CONSUMER.INFO.${at}`, `${API}.CONSUMER.MSG.NEXT.${at}`, `$JS.ACK.${at}.>`];
}

const assetsOf = (role: Role, list: "readers" | "writers", scopes: readonly Scope[]): readonly Asset[] =>
  Object.values(assets as Record<string, Asset>).filter(
    (asset) => scopes.includes(asset.scope) && asset[list].includes(role),
  );

const readsOf = (role: Role, scope: Scope, zone: string): readonly string[] => [
  ...assetsOf(role, "readers", [scope]).flatMap((asset) => reading(streamOf(asset, zone))),
  `${API}.INFO`,
];

/** Subjects of the assets that a role writes. */
function writes(role: Role, scopes: readonly Scope[], zone: string): readonly string[] {
  return assetsOf(role, "writers", scopes).flatMap((asset) => {
    if (asset.kind === "key-value") return [`$KV.${asset.name(zone)}.>`];
    // A bucket of a zone that is not known yet has no name: part of a token cannot be a wildcard.
    const bucket = zone === ANY && asset.scope !== "hub" ? ANY : asset.name(zone);
    if (asset.kind === "object-store") return [`$O.${bucket}.C.${ANY}`, `$O.${bucket}.M.${ANY}`];
    return partsOf(asset)?.[role]?.(zone) ?? asset.subjects(zone);
  });
}

type Parts = Partial<Record<Role, (zone: string) => readonly string[]>>;

/** Where several roles write one asset, each writes its own part of it. */
export const parts: Partial<Record<AssetName, Parts>> = {
  rootCommands: { door: () => [] }, // each door under its own name: see its rule
  hubLive: { root: () => [patterns.rootPulse], zone: () => [patterns.zoneBeats] },
  zoneIntervals: { zone: (z) => [patterns.zoneIntervals(z)], agent: (z) => [patterns.agentIntervals(z)] },
  zoneLive: {
    zone: (z) => [patterns.zonePulse(z), patterns.agentThrough(z)],
    agent: (z) => [patterns.agentBeats(z)],
  },
  sync: {
    zone: (z) => [patterns.syncReleases(z), patterns.syncOnces(z)],
    agent: (z) => [patterns.syncArrivals(z)],
  },
};

const partsOf = (asset: Asset): Parts | undefined =>
  Object.entries(parts).find(([name]) => assets[name as AssetName] === asset)?.[1];

/** Replacing and erasing objects is purging and overwriting messages. */
const objectUpkeep = (role: Role, scope: Scope, zone: string): readonly string[] =>
  assetsOf(role, "writers", [scope])
    .filter(({ kind }) => kind === "object-store")
    .map((asset) => streamOf(asset, zone))
    .flatMap((stream) => [
      ...reading(stream),
      `${API}.STREAM.PURGE.${stream}`,
      `${API}.STREAM.MSG.DELETE.${stream}`,
    ]);
