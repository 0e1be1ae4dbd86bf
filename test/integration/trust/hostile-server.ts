/**
 * A real nats-server as a zone's owner could run it instead of the honest one: no permissions at home, a stream that
 * wants what is zone b's and root's, and a JetStream domain of his choice. Its link has the zone's own credentials.
 */
import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { connect } from "@nats-io/transport-node";
import { expect } from "vitest";
import { startNats } from "../../support/nats.ts";
import type { TrustedServer } from "../../support/trusted-mesh.ts";
import { type Attacker, clientHand } from "./attackers.ts";

export interface HostileServer extends AsyncDisposable {
  readonly attacker: Attacker;
  /** What its greedy stream holds. */
  readonly caught: () => Promise<number>;
}

const GREEDY = { name: "GREEDY", subjects: ["mesh.z.b.>", "mesh.r.>"] };

export async function hostileServer(
  hub: TrustedServer,
  zone: TrustedServer,
  domain: string,
): Promise<HostileServer> {
  const server = await startNats({ name: "hostile", jetstream: false, config: configOf(hub, zone, domain) });
  const open = () => connect({ servers: server.url, user: "any", pass: "any", inboxPrefix: "_INBOX.zone-a" });
  const keeper = await open();
  const jsm = await jetstreamManager(keeper);
  await jsm.streams.add({ ...GREEDY });
  await linked(keeper);
  return {
    attacker: {
      name: `a server of domain ${domain}`,
      open: async () => clientHand(await open(), "_INBOX.zone-a"),
    },
    // What its own attacks put there does not count: it asks for the stream before and after others talk.
    caught: async () => (await jsm.streams.info(GREEDY.name)).state.messages,
    [Symbol.asyncDispose]: async () => {
      await keeper.close();
      await server.stop();
    },
  };
}

/** The link works when the one thing that it may ask is answered. */
const linked = (client: NatsConnection) =>
  expect
    .poll(
      () => client.request("UP.CONSUMER.INFO.MESH_DOWN_a.zone", "", { timeout: 500 }).catch(() => undefined),
      {
        timeout: 10_000,
      },
    )
    .toBeDefined();

const configOf = (hub: TrustedServer, zone: TrustedServer, domain: string): string => `
jetstream { store_dir: STORE_DIR, domain: ${domain} }
accounts {
  ALL { jetstream: enabled, users: [ { user: any, password: any } ] }
  SYS { users: [ { user: sys, password: sys } ] }
}
system_account: SYS
leafnodes {
  remotes: [ { url: "nats://127.0.0.1:${hub.leafPort}", account: ALL, credentials: ${JSON.stringify(zone.creds("creds/leaf.creds"))} } ]
}`;
