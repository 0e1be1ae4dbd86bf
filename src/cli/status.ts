/** `mesh status`: the embedded servers if they run, and who is there in the mesh. Starts nothing. */
import * as Effect from "effect/Effect";
import { printable, printableLine } from "../domain/printable.ts";
import { shownUrl } from "../domain/server-url.ts";
import { homeDirectory } from "../keeper/home.ts";
import { inspectKeeper, type KeeperStatus } from "../keeper/keeper.ts";
import { hubNowUs, meshStatus, type MeshStatus } from "../roles/door/mesh-status.ts";
import { sizeOf, type ZoneRow } from "../roles/door/mesh-zones.ts";
import { openServer } from "../wiring.ts";
import { localDateTime } from "./local-time.ts";
import { findPlace, type PlaceFlags, type Reach, reach } from "./place.ts";

export interface Status {
  readonly home: string;
  /** The owner of the embedded servers; null when they do not run, or the mesh is somebody else's. */
  readonly keeper: KeeperStatus | null;
  /** Without userinfo, for people; null when there is no server to ask. */
  readonly url: string | null;
  readonly mesh: MeshStatus | null;
}

/** Throws ConnectFailure when a server that is named, or should run, does not answer. */
export async function readStatus(flags: PlaceFlags, note: (line: string) => void): Promise<Status> {
  const home = homeDirectory();
  if (flags.nats !== undefined) {
    return {
      home,
      keeper: null,
      url: shownUrl(flags.nats),
      mesh: await ask(reach(await findPlace(flags, note))),
    };
  }
  const keeper = (await inspectKeeper()) ?? null;
  const url = keeper?.servers.find(({ name }) => name === "nats-server")?.url ?? null;
  return {
    home,
    keeper,
    url,
    mesh: url === null ? null : await ask({ url, credsFile: keeper?.nkeyFile, tls: undefined }),
  };
}

const ask = (place: Reach): Promise<MeshStatus> =>
  Effect.runPromise(
    Effect.scoped(openServer({ ...place, name: "door-status" }).pipe(Effect.flatMap(meshStatus))),
  );

export function statusText(status: Status, nowMs: number): string {
  const { mesh } = status;
  const lines = [
    ...serverLines(status),
    ...(mesh === null ? [] : meshLines(status, mesh, hubNowUs(mesh, nowMs))),
  ];
  return `${lines.map(printableLine).join("\n")}\n`;
}

function serverLines({ home, keeper, url }: Status): readonly string[] {
  if (keeper === null) {
    return url === null
      ? [`nothing runs in ${home}; mesh run starts what it needs, mesh up starts servers that stay`]
      : [`server    ${url}`];
  }
  const holds = keeper.leases === 1 ? "one command uses it" : `${keeper.leases} commands use it`;
  const stays = keeper.pinned ? ", stays until mesh down" : "";
  return [
    `keeper    pid ${keeper.pid}, ${keeper.leases === 0 ? "no command uses it" : holds}${stays}, state in ${home}`,
    ...keeper.servers.map(
      ({ name, pid, url: at, version }) => `server    ${name} ${version} at ${at}, pid ${pid}`,
    ),
    ...(keeper.servers.length === 0 ? ["server    starting"] : []),
  ];
}

function meshLines({ keeper }: Status, { known, root, runs }: MeshStatus, nowUs: number): readonly string[] {
  const zones = known.filter((zone) => isShown(zone, keeper !== null, nowUs));
  const epoch = root?.epoch === null || root === null ? "" : `, epoch ${root.epoch}`;
  const heard = root === null || root.heardAt === null ? "" : `, ${agoText(nowUs - root.heardAt)}`;
  return [
    root === null
      ? "root      none leads; start one: mesh root"
      : `root      ${root.name} leads${epoch}${heard}`,
    ...(zones.length === 0 ? ["zones     none is up"] : zones.flatMap((zone) => zoneLines(zone, nowUs))),
    ...(runs.length === 0
      ? ["runs      none is open"]
      : runs.map(({ actor, run, script, state }) => `run       ${run} ${state}: ${script}, by ${actor}`)),
  ];
}

/** Zones of a laptop come and go with its runs; elsewhere one that fell silent is news for a day. */
const NEWS_US = 86_400_000_000;

const isShown = ({ silentSince, words }: ZoneRow, isEmbedded: boolean, nowUs: number): boolean =>
  words !== null || (!isEmbedded && silentSince !== null && nowUs - silentSince < NEWS_US);

function zoneLines(row: ZoneRow, nowUs: number): string[] {
  const { drained, host, parent, revoked, silentSince, words } = row;
  const zone = parent === null ? row.zone : `${row.zone} below ${parent}`;
  const closed = [...(revoked ? [", revoked"] : []), ...(drained ? [", drained: it gets no new runs"] : [])];
  if (words === null) {
    const since = silentSince === null ? "" : ` since ${localDateTime(silentSince)}`;
    return [`zone      ${zone}: silent${since}${closed.join("")}`];
  }
  const { agents, heardAt, incarnation, pid } = words;
  const size = sizeOf(words).agents;
  const count = size === 1 ? "one agent" : `${size} agents`;
  return [
    `zone      ${zone}: ${count}, incarnation ${incarnation}, pid ${pid} on ${printable(host)}, ${agoText(nowUs - heardAt)}${closed.join("")}`,
    ...agents.map(
      ({ agent, cores, host: at }) =>
        `  agent   ${agent}: ${cores === 1 ? "one core" : `${cores} cores`} on ${printable(at)}`,
    ),
  ];
}

export const agoText = (us: number): string => {
  const seconds = Math.max(0, us) / 1e6;
  return seconds < 1.5 ? "heard now" : `last heard ${Math.round(seconds)} s ago`;
};
