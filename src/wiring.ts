/** The only file that names a port and its adapter together. */
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import type * as Scope from "effect/Scope";
import type { Holder } from "./domain/access/trials.ts";
import type { HistoryPlace, Locate } from "./clickhouse/place.ts";
import type { SqlAnswer, SqlQuestion } from "./clickhouse/sql.ts";
import type { Measured } from "./engine/capacity/measure-capacity.ts";
import { startWorker } from "./engine/worker.ts";
import type { ConnectFailure, ConnectOptions, TlsFiles } from "./nats/connect.ts";
import { natsServer } from "./nats/nats-server.ts";
import type { LinkProbe, Probe, Tried } from "./nats/probe.ts";
import type { ServerLook } from "./nats/server-look.ts";
import type { ServerWatch } from "./nats/server-watch.ts";
import type { Survey } from "./nats/survey.ts";
import { CurrentHistory, type History, type HistoryError } from "./ports/history.ts";
import { Own, type Server, Upper } from "./ports/server.ts";
import { Workers } from "./ports/workers.ts";

export { ConnectFailure } from "./nats/connect.ts";
export type { ConnectOptions, TlsFiles } from "./nats/connect.ts";
export type { Measured } from "./engine/capacity/measure-capacity.ts";
export type { Objection, ServerLook } from "./nats/server-look.ts";
export type { Survey } from "./nats/survey.ts";
export type { LinkProbe, Probe, Tried };
export type { ServerWatch, WatchedConnection, WatchedLink } from "./nats/server-watch.ts";
export type { SqlAnswer } from "./clickhouse/sql.ts";
export { DATABASE, type HistoryPlace, type Locate, type Located, placeOfUrl } from "./clickhouse/place.ts";

/** A server for a door, for as long as the scope is open. */
export const openServer = (options: ConnectOptions): Effect.Effect<Server, ConnectFailure, Scope.Scope> =>
  natsServer({ ...options, end: { at: "hub" } });

/** What a server is and holds, for a person who looks for what is wrong. Rejects with ConnectFailure. */
export async function surveyServer(options: ConnectOptions): Promise<Survey> {
  const { surveyNats } = await import("./nats/survey.ts");
  return surveyNats(options);
}

/** What a login may do there, and how the link above is. Rejects with ConnectFailure. */
export async function probeServer(options: ConnectOptions, holder: Holder | undefined): Promise<Probe> {
  const { probeNats } = await import("./nats/probe.ts");
  return probeNats(options, holder);
}

/** What a server says before any login, and what it has against a certificate. Rejects where none is there. */
export async function lookAtServer(address: string, files: TlsFiles): Promise<ServerLook> {
  const { lookAtServer: look } = await import("./nats/server-look.ts");
  return look(address, files);
}

/** For somebody who reads a server's log beside it. Rejects with ConnectFailure. */
export async function openServerWatch(watch: ConnectOptions, system: ConnectOptions): Promise<ServerWatch> {
  const { openWatch } = await import("./nats/server-watch.ts");
  return openWatch(watch, system);
}

/** A root's server is the hub; runs land where `locate` finds a ClickHouse. */
export const rootLayer = (hub: ConnectOptions, locate: Locate) =>
  Layer.merge(
    Layer.effect(Own, natsServer({ ...hub, stays: true, end: { at: "hub" } })),
    Layer.succeed(CurrentHistory, { open: openHistory(locate) }),
  );

/** The tables as this version writes them, made if needed. */
export const prepareHistory = (locate: Locate): Effect.Effect<void, HistoryError> =>
  Effect.scoped(openHistory(locate)).pipe(Effect.asVoid);

/** The version of the ClickHouse at a place. Rejects with HistoryError. */
export async function historyVersion(place: HistoryPlace): Promise<string> {
  const { checkVersion } = await import("./clickhouse/version.ts");
  return checkVersion(place, place.reader);
}

/** One statement of a person, read-only. Rejects with SqlError or HistoryError. */
export async function askSql<A>(
  place: HistoryPlace,
  question: SqlQuestion,
  use: (answer: SqlAnswer) => Promise<A>,
): Promise<A> {
  const { askSql: ask } = await import("./clickhouse/sql.ts");
  return ask(place, question, use);
}

/** Its client is loaded when there is something to land: no run and no other command pays for it. */
const openHistory = (locate: Locate): History["open"] =>
  Effect.promise(() => import("./clickhouse/history.ts")).pipe(
    Effect.flatMap(({ clickHouseHistory }) => clickHouseHistory(locate).open),
  );

export interface ZoneName {
  readonly zone: string;
  /** The zone that it is below; undefined: it is one of root's. */
  readonly parent?: string | undefined;
}

/**
 * A zone has its parent's server and its own, over two connections. It knows one address: on a laptop both servers are one,
 * and behind a leaf link its own server reaches the parent's.
 */
export const zoneLayer = (name: ZoneName, upper: ConnectOptions, own: ConnectOptions) =>
  Layer.merge(
    Layer.effect(Upper, natsServer({ ...upper, stays: true, end: { at: "parent", ...name } })),
    Layer.effect(Own, natsServer({ ...own, stays: true, end: { at: "own", ...name } })),
  );

/** An agent knows its zone's server, and starts workers. */
export const agentLayer = (own: ConnectOptions) =>
  Layer.merge(
    Layer.effect(Own, natsServer({ ...own, stays: true })),
    Layer.succeed(Workers, { start: () => startWorker() }),
  );

/** What one core of this machine carries as an agent, over loopback; `tell` hears how far it is. */
export async function measureAgent(seconds: number, tell: (line: string) => void): Promise<Measured> {
  const { measureCapacity } = await import("./engine/capacity/measure-capacity.ts");
  return measureCapacity(seconds, tell);
}
