/**
 * What crosses the link of a zone behind a leaf node, derived from the assets: nothing else does. Each row is an export
 * of the parent's account (a wildcard that serves every zone), and the one subject inside it that this zone may import.
 * The parent's JetStream API is seen by the zone under `UP`; every other subject keeps its name.
 */
import type { Asset } from "./asset.ts";
import { assets, durables } from "./assets.ts";
import { patterns, subjects } from "./subjects.ts";

/** JetStream domain of the hub's server. */
export const HUB_DOMAIN = "hub";
/** JetStream domain of a zone's own server. */
export const domainOfZone = (zone: string): string => `zone-${zone}`;
/** Prefix under which a zone reaches the JetStream API of its parent. */
export const UPPER_API = "UP";

export interface LinkGrant {
  /** `service`: from the zone to its parent, which may answer. `stream`: from the parent to the zone. */
  readonly kind: "service" | "stream";
  /** What the parent's account exports, once for all zones. */
  readonly exported: string;
  /** The part of it that this zone may import. */
  readonly subject: string;
  /** How the zone calls it. */
  readonly local: string;
  /** One question may have several answers. */
  readonly answers: "one" | "many";
  readonly why: string;
}

const JETSTREAM = "$JS.API.";
const linkAssets: readonly Asset[] = Object.values(assets as Record<string, Asset>).filter(
  ({ scope }) => scope === "link",
);

/** Name of the stream behind an asset. */
export const streamOf = ({ kind, name }: Asset, zone: string): string =>
  `${kind === "key-value" ? "KV_" : kind === "object-store" ? "OBJ_" : ""}${name(zone)}`;

/** All that the link of a zone lets through; `parent` is the zone above it, and missing where that is root. */
export function linkGrants(zone: string, parent?: string): readonly LinkGrant[] {
  return [
    ...linkAssets
      .filter(({ writers }) => writers.includes("zone"))
      .flatMap((asset) => deliveries(asset, zone)),
    beats(zone, parent),
    ...reads(zone, parent),
    ...pulls(zone),
    ...heard(zone, parent),
  ];
}

/** What the zone's forwarder delivers. What a parent writes has no zone among its subjects' owners. */
function deliveries(asset: Asset, zone: string): readonly LinkGrant[] {
  if (asset.writers.some((writer) => writer === "root")) return [];
  return asset
    .subjects(zone)
    .map((subject, i) =>
      service(
        asset.subjects("*")[i] ?? subject,
        subject,
        `The zone's forwarder delivers into ${asset.name(zone)}.`,
      ),
    );
}

/** Where a zone says that it lives, and who keeps its last word there: the hub, or the zone above by its own name. */
const beatOf = (zone: string, parent: string | undefined) =>
  parent === undefined
    ? { all: patterns.zoneBeats, own: subjects.zoneBeat(zone), keeper: assets.hubLive.name() }
    : {
        all: patterns.childBeats(parent),
        own: subjects.childBeat(parent, zone),
        keeper: assets.zoneLive.name(parent),
      };

function beats(zone: string, parent: string | undefined): LinkGrant {
  const { all, own } = beatOf(zone, parent);
  return service(all, own, "The zone is alive; the parent keeps its last word.");
}

/** Direct gets of what the parent keeps about this zone, and of nothing else. */
function reads(zone: string, parent: string | undefined): readonly LinkGrant[] {
  const beat = beatOf(zone, parent);
  const own = linkAssets
    .filter(({ readers }) => readers.includes("zone"))
    .filter((asset) => asset.name !== assets.down.name && asset.name !== assets.linkLive.name)
    .map((asset) => ({ stream: streamOf(asset, zone), why: `The zone reads ${asset.name(zone)}.` }));
  const clock = service(
    `${JETSTREAM}DIRECT.GET.*.>`,
    `${JETSTREAM}DIRECT.GET.${beat.keeper}.${beat.own}`,
    "The zone measures the parent's clock by its own last word.",
  );
  const gets = own.flatMap(({ stream, why }) => [
    service(`${JETSTREAM}DIRECT.GET.*`, `${JETSTREAM}DIRECT.GET.${stream}`, why, "many"),
    service(`${JETSTREAM}DIRECT.GET.*.>`, `${JETSTREAM}DIRECT.GET.${stream}.>`, why, "many"),
  ]);
  return [...gets, clock];
}

/** The zone's inbox: the durable that its parent created for it. */
function pulls(zone: string): readonly LinkGrant[] {
  const stream = assets[durables.zone.asset].name(zone);
  const durable = durables.zone.name();
  const why = "The zone pulls what it is told.";
  return [
    service(
      `${JETSTREAM}CONSUMER.MSG.NEXT.*.${durable}`,
      `${JETSTREAM}CONSUMER.MSG.NEXT.${stream}.${durable}`,
      why,
      "many",
    ),
    service(`${JETSTREAM}CONSUMER.INFO.*.${durable}`, `${JETSTREAM}CONSUMER.INFO.${stream}.${durable}`, why),
    service(`$JS.ACK.*.${durable}.>`, `$JS.ACK.${stream}.${durable}.>`, "The zone says what it has taken."),
  ];
}

/** What is said to the zone without being asked for. */
function heard(zone: string, parent: string | undefined): readonly LinkGrant[] {
  const above =
    parent === undefined
      ? stream(patterns.rootPulse, subjects.rootPulse(), "Root is alive.")
      : stream(subjects.zonePulse(parent), subjects.zonePulse(parent), "The zone above is alive.");
  return [
    above,
    stream(patterns.zoneThrough("*"), patterns.zoneThrough(zone), "What the parent's log covers."),
  ];
}

function service(
  exported: string,
  subject: string,
  why: string,
  answers: LinkGrant["answers"] = "one",
): LinkGrant {
  const isApi = subject.startsWith(JETSTREAM);
  const local = isApi ? `${UPPER_API}.${subject.slice(JETSTREAM.length)}` : subject;
  return { kind: "service", exported, subject, local, answers, why };
}

const stream = (exported: string, subject: string, why: string): LinkGrant => ({
  kind: "stream",
  exported,
  subject,
  local: subject,
  answers: "one",
  why,
});
