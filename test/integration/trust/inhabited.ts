/** A hub and its zones with everything in them that their roles would make, and a secret in each place. */
import { type NatsConnection, nuid } from "@nats-io/nats-core";
import * as Effect from "effect/Effect";
import { assets } from "../../../streams/assets.ts";
import { subjects } from "../../../streams/subjects.ts";
import { natsServer } from "../../../src/nats/nats-server.ts";
import type { Server } from "../../../src/ports/server.ts";
import { type TrustedMesh, type TrustedServer, trustedMesh } from "../../support/trusted-mesh.ts";
import { connectAs } from "./evidence.ts";

export const SECRET = "secret";

/** Hub, and zones a (two agents) and b (one agent), each provisioned by its own role with its own credentials. */
export async function inhabited(): Promise<TrustedMesh> {
  const mesh = await trustedMesh({ zones: { a: ["a-1", "a-2"], b: ["b-1"] } });
  try {
    await as(mesh.hub, "root", (server) => provisionHub(server, ["a", "b"]));
    await Promise.all(
      Object.entries(mesh.zones).map(([zone, at]) => as(at, "zone", (server) => provisionZone(server, zone))),
    );
    await plant(mesh);
    return mesh;
  } catch (error) {
    await mesh[Symbol.asyncDispose]();
    throw error;
  }
}

/** Does something as a role, with the credentials that its folder has for it. */
export const as = <A>(
  at: TrustedServer,
  role: "root" | "zone",
  use: (server: Server) => Effect.Effect<A, unknown>,
): Promise<A> =>
  Effect.runPromise(
    natsServer({ url: at.url, credsFile: at.creds(`creds/${role}.creds`), name: role }).pipe(
      Effect.flatMap(use),
      Effect.scoped,
    ),
  );

const provisionHub = ({ admin }: Server, zones: readonly string[]) =>
  Effect.gen(function* () {
    yield* admin.provision("hub", "");
    yield* admin.durable("root", "", "");
    for (const zone of zones) {
      yield* admin.provision("link", zone);
      yield* admin.durable("zone", zone, "");
    }
  });

const provisionZone = ({ admin }: Server, zone: string) =>
  Effect.gen(function* () {
    yield* admin.provision("zone", zone);
    yield* admin.durable("reports", zone, "");
    for (const agent of zone === "a" ? ["a-1", "a-2"] : ["b-1"]) yield* admin.durable("agent", zone, agent);
  });

/** Something worth stealing in each stream that an attacker names. */
async function plant({ hub, zones }: TrustedMesh): Promise<void> {
  const root = await connectAs(hub, "creds/root.creds", "_INBOX.root");
  const b = await connectAs(zones["b"]!, "creds/zone.creds", "_INBOX.zone-b");
  const a = await connectAs(zones["a"]!, "creds/zone.creds", "_INBOX.zone-a");
  try {
    for (const subject of [
      subjects.zoneCommand("b", "run0", "StartRun"),
      subjects.runEvent("run0", "RunPlanned"),
      `$O.${assets.linkObjects.name("b")}.C.planted`,
      `$O.${assets.environments.name()}.C.planted`,
    ]) {
      await root.request(subject, `${SECRET} of root`, { timeout: 5000 });
    }
    // Pulled and not acknowledged yet: a forged acknowledgement would show.
    await pull(b);
    await b.request(subjects.zoneUpEvent("b", "Secret"), `${SECRET} of b`, { timeout: 5000 });
    await b.request(subjects.zoneEvent("b", "Secret"), `${SECRET} of b`, { timeout: 5000 });
    await a.request(subjects.agentCommand("a", "a-2", "run0", "StartShare"), `${SECRET} of a-2`, {
      timeout: 5000,
    });
  } finally {
    await Promise.all([root.close(), a.close(), b.close()]);
  }
}

/** Zone b takes what it is told. The message keeps its subject, so a plain request would not know it as its answer. */
async function pull(b: NatsConnection): Promise<void> {
  const reply = `_INBOX.zone-b.pull.${nuid.next()}`;
  const next = b.subscribe(reply, { max: 1, timeout: 5000 });
  b.publish(`UP.CONSUMER.MSG.NEXT.${assets.down.name("b")}.zone`, "1", { reply });
  for await (const _ of next) break;
}

/** Honest traffic while somebody listens: commands, facts, answers, everywhere. */
export async function talk({ hub, zones }: TrustedMesh): Promise<void> {
  const root = await connectAs(hub, "creds/root.creds", "_INBOX.root");
  const b = await connectAs(zones["b"]!, "creds/zone.creds", "_INBOX.zone-b");
  const agent = await connectAs(zones["a"]!, "agents/a-2.creds", "_INBOX.agent-a-2");
  try {
    const told = [subjects.zoneCommand("b", "run0", "More"), subjects.runEvent("run0", "RunStarted")];
    for (const subject of told) await root.request(subject, `${SECRET} of root`, { timeout: 5000 });
    root.publish(subjects.zoneThrough("b", "run1"), `${SECRET} of root`);
    const down = assets.down.name("b");
    await root.request(`$JS.API.STREAM.INFO.${down}`, "", { timeout: 5000 });
    await b.request(subjects.zoneUpEvent("b", "More"), `${SECRET} of b`, { timeout: 5000 });
    await pull(b);
    await agent.request(subjects.agentReport("a", "a-2", "Hello"), `${SECRET} of a-2`, { timeout: 5000 });
    await Promise.all([root.flush(), b.flush(), agent.flush()]);
  } finally {
    await Promise.all([root.close(), b.close(), agent.close()]);
  }
}
