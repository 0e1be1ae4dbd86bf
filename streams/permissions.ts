/**
 * What each principal may publish and subscribe to, derived from the assets: who writes them, who reads them, what kind
 * they are, and which durables there are. Credentials carry exactly these lists; a server refuses everything else.
 */
import type { Asset, Role, Scope } from "./asset.ts";
import { type AssetName, assets, durables } from "./assets.ts";
import { linkGrants, streamOf } from "./leaf.ts";
import { patterns } from "./subjects.ts";

/**
 * Who may hold credentials. `leaf` is a zone's server as its parent's server sees it; `watch` tells what the server beside
 * it has refused, and nothing else.
 */
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
/** In front of the name of whoever asks. */
const BY = ".by.";

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
  root: (holder) => ({
    publish: [
      ...provisioning(),
      ...reading(ANY),
      ...pulls("root", "hub", holder),
      ...writes("root", ["hub"], holder),
      ...asParent(),
    ],
    subscribe: [patterns.zoneBeats],
  }),
  door: (holder) => ({
    publish: [
      ...looking("hub", holder),
      ...readsOf("door", "hub", holder),
      ...writes("door", ["hub"], holder),
      ...objectUpkeep("door", "hub", holder),
    ],
    subscribe: [],
  }),
  watch: (holder) => ({
    publish: writes("watch", [holder.zone === "" ? "hub" : "zone"], holder),
    subscribe: [],
  }),
  zone: (holder) => ({
    publish: [
      ...provisioning(),
      ...reading(ANY),
      ...pulls("zone", "zone", holder),
      ...writes("zone", ["zone"], holder),
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

/** What a parent tells the zones below it, whatever their names: root does, and a zone with inner zones. */
const asParent = (): readonly string[] => writes("root", ["link"], { name: "", zone: ANY, agent: "" });

/** An agent: its own subjects, its own durable, and direct gets of what concerns it. */
function agentRule(holder: Holder): Permissions {
  const { zone } = holder;
  const get = (asset: AssetName, subject: string) =>
    `${API}.DIRECT.GET.${streamOf(assets[asset], zone)}.${subject}`;
  const objects = streamOf(assets.zoneObjects, zone);
  const released = patterns.syncReleases(zone);
  return {
    publish: [
      ...writes("agent", ["zone"], holder),
      ...pulls("agent", "zone", holder),
      get("zoneLive", ownOf(patterns.agentBeats(zone), holder)),
      get("zoneIntervals", ownOf(patterns.agentIntervals(zone), holder)),
      get("sync", released),
      get("sync", patterns.syncOnces(zone)),
      `${API}.STREAM.INFO.${objects}`,
      `${API}.STREAM.MSG.GET.${objects}`,
      `${API}.DIRECT.GET.${objects}`,
      `${API}.DIRECT.GET.${objects}.>`,
    ],
    subscribe: [patterns.zonePulse(zone), ownOf(patterns.agentThrough(zone), holder), released],
  };
}

/** A pattern of all agents, or of all principals, cut down to the one who holds it. */
const ownOf = (pattern: string, { agent, name }: Holder): string =>
  pattern
    .replace(`${AGENT}${ANY}`, `${AGENT}${agent}`)
    .replace(`${ARRIVAL}${ANY}`, `${ARRIVAL}${agent}`)
    .replace(`${BY}${ANY}`, `${BY}${name}`);

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

/** Pulling from the durables that were created for a role. */
const pulls = (role: Role, scope: Scope, { agent, zone }: Holder): readonly string[] =>
  Object.values(durables)
    .filter(({ asset }) => isReadBy(assets[asset], role) && assets[asset].scope === scope)
    .map(({ asset, name }) => `${streamOf(assets[asset], zone)}.${name(agent)}`)
    .flatMap((at) => [`${API}.CONSUMER.INFO.${at}`, `${API}.CONSUMER.MSG.NEXT.${at}`, `$JS.ACK.${at}.>`]);

const isReadBy = ({ readers }: Asset, role: Role): boolean => readers.includes(role);

const assetsOf = (role: Role, list: "readers" | "writers", scopes: readonly Scope[]): readonly Asset[] =>
  Object.values(assets as Record<string, Asset>).filter(
    (asset) => scopes.includes(asset.scope) && asset[list].includes(role),
  );

const readsOf = (role: Role, scope: Scope, { zone }: Holder): readonly string[] =>
  assetsOf(role, "readers", [scope]).flatMap((asset) => reading(streamOf(asset, zone)));

/** Whether what should be there is there, and how large it is; not what is in it. */
const looking = (scope: Scope, { zone }: Holder): readonly string[] => [
  `${API}.INFO`,
  ...Object.values(assets as Record<string, Asset>)
    .filter((asset) => asset.scope === scope)
    .map((asset) => `${API}.STREAM.INFO.${streamOf(asset, zone)}`),
];

/** Subjects of the assets that a role writes. */
function writes(role: Role, scopes: readonly Scope[], holder: Holder): readonly string[] {
  const { zone } = holder;
  return assetsOf(role, "writers", scopes).flatMap((asset) => {
    if (asset.kind === "key-value") return [`$KV.${asset.name(zone)}.>`];
    // A bucket of a zone that is not known yet has no name: part of a token cannot be a wildcard.
    const bucket = zone === ANY && asset.scope !== "hub" ? ANY : asset.name(zone);
    if (asset.kind === "object-store") return [`$O.${bucket}.C.${ANY}`, `$O.${bucket}.M.${ANY}`];
    const subjects = partsOf(asset)?.[role]?.(zone) ?? asset.subjects(zone);
    return subjects.map((subject) => ownOf(subject, role === "agent" || role === "door" ? holder : ALL));
  });
}

/** Whose subjects are not cut down: a zone writes to every agent. */
const ALL: Holder = { name: ANY, zone: ANY, agent: ANY };

type Parts = Partial<Record<Role, (zone: string) => readonly string[]>>;

/** Where several roles write one asset, each writes its own part of it. */
export const parts: Partial<Record<AssetName, Parts>> = {
  // Only whoever has no login, and so no permissions, asks without a name.
  rootCommands: { door: () => [patterns.rootCommandsBy] },
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
const objectUpkeep = (role: Role, scope: Scope, { zone }: Holder): readonly string[] =>
  assetsOf(role, "writers", [scope])
    .filter(({ kind }) => kind === "object-store")
    .map((asset) => streamOf(asset, zone))
    .flatMap((stream) => [
      `${API}.STREAM.INFO.${stream}`,
      `${API}.STREAM.MSG.GET.${stream}`,
      `${API}.DIRECT.GET.${stream}`,
      `${API}.DIRECT.GET.${stream}.>`,
      `${API}.STREAM.PURGE.${stream}`,
      `${API}.STREAM.MSG.DELETE.${stream}`,
    ]);
