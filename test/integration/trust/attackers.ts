/** Hands of somebody who means harm: a client with credentials, or a raw link. Both do as told, and keep what they hear. */
import { readFileSync } from "node:fs";
import type { NatsConnection } from "@nats-io/nats-core";
import { openLeaf } from "../../support/leaf-client.ts";
import type { TrustedServer } from "../../support/trusted-mesh.ts";
import { connectAs } from "./evidence.ts";

export interface Hand extends AsyncDisposable {
  /** Sends it, and waits for what the server has to say about it. Answers come back to `inbox`. */
  readonly publish: (subject: string, data?: string) => Promise<void>;
  readonly subscribe: (subject: string) => Promise<void>;
  /** Lets whatever is on its way arrive. */
  readonly settled: () => Promise<void>;
  /** Subject and content of everything heard. */
  readonly heard: readonly string[];
  /** What the server refused, in its own words. */
  readonly refusals: readonly string[];
}

export interface Attacker {
  readonly name: string;
  readonly open: () => Promise<Hand>;
}

export function clientOf(name: string, server: TrustedServer, file: string, inbox: string): Attacker {
  return { name, open: async () => clientHand(await connectAs(server, file, inbox), inbox) };
}

export async function clientHand(connection: NatsConnection, inbox: string): Promise<Hand> {
  const [heard, refusals]: [string[], string[]] = [[], []];
  void (async () => {
    for await (const status of connection.status()) {
      if (status.type === "error") refusals.push(status.error.message);
    }
  })();
  const listen = (subject: string) =>
    connection.subscribe(subject, {
      callback: (error, message) => {
        if (error === null) heard.push(`${message.subject} ${message.string()}`);
        else refusals.push(error.message);
      },
    });
  listen(`${inbox}.>`);
  let asked = 0;
  return {
    heard,
    refusals,
    publish: async (subject, data = "") => {
      connection.publish(subject, data, { reply: `${inbox}.answer.${(asked += 1)}` });
      await connection.flush();
    },
    subscribe: async (subject) => {
      listen(subject);
      await connection.flush();
    },
    settled: () => connection.flush(),
    [Symbol.asyncDispose]: () => connection.close(),
  };
}

/** A raw link with the credentials of a zone's server; `claims` are further lies in its CONNECT. */
export function leafOf(
  name: string,
  hub: TrustedServer,
  zone: TrustedServer,
  claims: Readonly<Record<string, unknown>> = {},
): Attacker {
  const inbox = `_INBOX.zone-${zone.folder.facts.name}`;
  return {
    name,
    open: async () => {
      const creds = readFileSync(zone.creds("creds/leaf.creds"));
      const link = await openLeaf({ port: hub.leafPort, creds, claims });
      link.subscribe(`${inbox}.>`);
      let asked = 0;
      return {
        get heard() {
          return link.messages.map(({ data, subject }) => `${subject} ${data}`);
        },
        refusals: link.errors,
        publish: async (subject, data) => {
          link.publish(subject, data, `${inbox}.answer.${(asked += 1)}`);
          await link.settled();
        },
        subscribe: async (subject) => {
          link.subscribe(subject);
          await link.settled();
        },
        settled: async () => void (await link.settled()),
        [Symbol.asyncDispose]: () => link.close(),
      };
    },
  };
}
