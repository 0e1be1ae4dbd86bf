/**
 * What somebody beside a NATS server asks it about its connections, over the server's own system account, and where he
 * tells what was refused, over the account in which the mesh lives. Every answer is bounded; none is a reason to fail.
 */
import type { NatsConnection } from "@nats-io/nats-core";
import type { Outgoing } from "../domain/log/codec.ts";
import { type ConnectOptions, openConnection } from "./connect.ts";
import { Publisher } from "./publisher.ts";

export interface WatchedConnection {
  /** The name in its login; undefined where that does not say one. */
  readonly name: string | undefined;
  /** Public key that it came with; of a login that was refused, whoever that is. */
  readonly key: string | undefined;
  /** What it calls itself. */
  readonly calls: string;
  readonly tags: readonly string[];
  readonly subscriptions: readonly string[];
}

export interface WatchedLink {
  readonly connection: number;
  readonly address: string;
  /** Public key of the account that it belongs to. */
  readonly account: string;
  /** The other side said that it is the one above. */
  readonly isAbove: boolean;
  readonly subscriptions: readonly string[];
}

export interface ServerWatch {
  /** Name of the server. */
  readonly server: string;
  /** Undefined where the server no longer knows it. */
  readonly connection: (id: number) => Promise<WatchedConnection | undefined>;
  readonly links: () => Promise<readonly WatchedLink[]>;
  /** Rejects where nobody keeps it yet, or no answer came. */
  readonly tell: (subject: string, message: Outgoing) => Promise<void>;
  /** Resolves when one of its connections is gone for good. */
  readonly ended: Promise<unknown>;
  readonly close: () => Promise<void>;
}

const ANSWER_WITHIN_MS = 2000;
const TELL_WITHIN_MS = 5000;
/** Open and closed ones. */
const ALL = 2;

export async function openWatch(watch: ConnectOptions, system: ConnectOptions): Promise<ServerWatch> {
  const mesh = await openConnection(watch);
  const { connection: asked } = await openConnection(system).catch(async (error: unknown) => {
    await mesh.connection.close();
    throw error;
  });
  const publisher = new Publisher(mesh.connection, mesh.inboxPrefix);
  return {
    server: mesh.connection.info?.server_name ?? "",
    connection: (id) => connectionOf(asked, id),
    links: () => linksOf(asked),
    tell: async (subject, message) => {
      await publisher.publish(subject, message, { withinMs: TELL_WITHIN_MS, endsWithNobody: true });
    },
    ended: Promise.race([mesh.connection.closed(), asked.closed()]),
    close: async () => {
      await Promise.all([mesh.connection.close(), asked.close()]);
    },
  };
}

interface Connz {
  readonly connections?: readonly {
    readonly jwt?: string;
    readonly name?: string;
    readonly tags?: readonly string[];
    readonly subscriptions_list?: readonly string[];
  }[];
}

interface Leafz {
  readonly leafs?: readonly {
    readonly id: number;
    readonly ip: string;
    readonly account: string;
    readonly is_spoke: boolean;
    readonly subscriptions_list?: readonly string[];
  }[];
}

async function ask<A>(system: NatsConnection, what: string, about: object): Promise<A | undefined> {
  const subject = `$SYS.REQ.SERVER.${system.info?.server_id ?? ""}.${what}`;
  try {
    const answer = await system.request(subject, JSON.stringify(about), { timeout: ANSWER_WITHIN_MS });
    return answer.json<{ readonly data?: A }>().data;
  } catch {
    return undefined;
  }
}

async function connectionOf(system: NatsConnection, id: number): Promise<WatchedConnection | undefined> {
  const about = { cid: id, auth: true, subscriptions: true, state: ALL };
  const found = (await ask<Connz>(system, "CONNZ", about))?.connections?.[0];
  if (found === undefined) return undefined;
  const { jwt, name: calls = "", subscriptions_list: subscriptions = [], tags = [] } = found;
  const { name, sub: key } = claimsIn(jwt);
  return { name, key, calls, tags, subscriptions };
}

async function linksOf(system: NatsConnection): Promise<readonly WatchedLink[]> {
  const { leafs = [] } = (await ask<Leafz>(system, "LEAFZ", { subscriptions: true })) ?? {};
  return leafs.map(({ account, id, ip, is_spoke: isAbove, subscriptions_list: subscriptions = [] }) => ({
    connection: id,
    address: ip,
    account,
    isAbove,
    subscriptions,
  }));
}

/** The server has verified them where this connection was let in. */
function claimsIn(jwt: string | undefined): { readonly name?: string; readonly sub?: string } {
  const [, claims] = jwt?.split(".") ?? [];
  if (claims === undefined) return {};
  try {
    return JSON.parse(Buffer.from(claims, "base64url").toString("utf8")) as { name?: string; sub?: string };
  } catch {
    return {};
  }
}
