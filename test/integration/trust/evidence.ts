/**
 * What really happened, as the servers' own system accounts tell it: every stream, its settings, what it holds and who
 * reads it. No right of any other user matters for it.
 */
import { readFileSync } from "node:fs";
import { credsAuthenticator, type NatsConnection } from "@nats-io/nats-core";
import { connect } from "@nats-io/transport-node";
import type { TrustedServer } from "../../support/trusted-mesh.ts";

export type Held = Readonly<Record<string, unknown>>;

interface StreamDetail {
  readonly name: string;
  readonly config: unknown;
  readonly state: Readonly<Record<string, unknown>>;
  readonly consumer_detail?: readonly {
    readonly name: string;
    readonly config?: unknown;
    readonly delivered: Readonly<Record<string, unknown>>;
    readonly ack_floor: Readonly<Record<string, unknown>>;
  }[];
}

interface JetStreamDetail {
  readonly data: {
    readonly account_details?: readonly { readonly name: string; readonly stream_detail?: StreamDetail[] }[];
  };
}

export interface Witness extends AsyncDisposable {
  readonly held: () => Promise<Held>;
}

export async function witnessOf(server: TrustedServer): Promise<Witness> {
  const connection = await connectAs(server, "creds/sys.creds", "_INBOX.sys");
  return { held: () => heldBy(connection), [Symbol.asyncDispose]: () => connection.close() };
}

async function heldBy(connection: NatsConnection): Promise<Held> {
  const asked = { accounts: true, streams: true, consumer: true, config: true };
  const answer = await connection.request("$SYS.REQ.SERVER.PING.JSZ", JSON.stringify(asked), {
    timeout: 5000,
  });
  const { account_details: accounts = [] } = answer.json<JetStreamDetail>().data;
  const streams = accounts.flatMap(({ name, stream_detail: all = [] }) =>
    all.map((stream) => [`${name} ${stream.name}`, factsOf(stream)] as const),
  );
  return Object.fromEntries(streams.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function factsOf({ config, consumer_detail: readers = [], state }: StreamDetail) {
  const { first_seq, last_seq, messages, num_deleted, num_subjects } = state;
  return {
    config,
    state: { first_seq, last_seq, messages, num_deleted, num_subjects },
    readers: readers
      .map(({ ack_floor, config: own, delivered, name }) => ({
        name,
        config: own,
        delivered: [delivered["consumer_seq"], delivered["stream_seq"]],
        acknowledged: [ack_floor["consumer_seq"], ack_floor["stream_seq"]],
      }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

/** A plain client with one of a folder's credentials. */
export const connectAs = (
  server: TrustedServer,
  file: string,
  inboxPrefix: string,
): Promise<NatsConnection> =>
  connect({
    servers: server.url,
    authenticator: credsAuthenticator(readFileSync(server.creds(file))),
    inboxPrefix,
    reconnect: false,
    timeout: 5000,
  });
