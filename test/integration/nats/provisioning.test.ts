/** Provisioning a server that already holds something else: what is changed, and what is refused. */
import { AckPolicy, jetstreamManager, type JetStreamManager, type StreamConfig } from "@nats-io/jetstream";
import { connect as connectPlain, type NatsConnection } from "@nats-io/transport-node";
import * as Effect from "effect/Effect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { days } from "../../../streams/asset.ts";
import { assets, durables } from "../../../streams/assets.ts";
import { patterns } from "../../../streams/subjects.ts";
import { ACK_PENDING_MAX } from "../../../src/ports/server-terms.ts";
import { type PrivateNats, startNats } from "../../support/nats.ts";
import { connect, run } from "./on-server.ts";

let nats: PrivateNats;
let plain: NatsConnection;
let jsm: JetStreamManager;
beforeAll(async () => {
  nats = await startNats();
  plain = await connectPlain({ servers: nats.url });
  jsm = await jetstreamManager(plain);
}, 240_000);
afterAll(async () => {
  await plain?.close();
  await nats?.stop();
});

type Zone = "zoneEvents" | "agentReports" | "zoneIntervals";

/** The stream as another version of Mesh made it. */
async function made(asset: Zone, zone: string, changes: Partial<StreamConfig>): Promise<string> {
  const { config, name, subjects } = assets[asset];
  await jsm.streams.add({ name: name(zone), ...config, subjects: [...subjects(zone)], ...changes });
  return name(zone);
}

const provision = (zone: string) =>
  Effect.gen(function* () {
    const server = yield* connect(nats);
    yield* server.admin.provision("zone", zone);
  });

const provisionHub = Effect.suspend(() => connect(nats)).pipe(
  Effect.flatMap((server) => server.admin.provision("hub", "")),
);

const refusalOf = (zone: string) =>
  run(
    provision(zone).pipe(
      Effect.flip,
      Effect.mapError(() => new Error("it was provisioned")),
    ),
  );

describe("provisioning", () => {
  it("refuses to narrow the subjects of a stream", async () => {
    const subjects = [patterns.zoneEvents("narrow"), "mesh.z.narrow.former.*"];
    const name = await made("zoneEvents", "narrow", { subjects });
    const refusal = await refusalOf("narrow");
    expect(refusal).toMatchObject({ reason: "refused", address: name });
    expect(refusal.message).toMatch(new RegExp(`${name}: .*would lose.*subjects: .*former`));
    expect((await jsm.streams.info(name)).config.subjects).toEqual(subjects);
  });

  it("refuses to keep messages for a shorter time", async () => {
    for (const [zone, max_age] of [
      ["short", days(30)],
      ["never", 0],
    ] as const) {
      const name = await made("agentReports", zone, { max_age });
      const refusal = await refusalOf(zone);
      expect(refusal).toMatchObject({ reason: "refused", address: name });
      expect(refusal.message).toContain(`max_age: ${max_age} on the server, ${days(7)} wanted`);
      expect((await jsm.streams.info(name)).config.max_age).toBe(max_age);
    }
  });

  it("refuses to keep less", async () => {
    const name = await made("zoneIntervals", "small", { max_bytes: -1 });
    const refusal = await refusalOf("small");
    expect(refusal).toMatchObject({ reason: "refused", address: name });
    expect(refusal.message).toContain("max_bytes: -1 on the server");
  });

  it("refuses another storage, and says what to do", async () => {
    const name = await made("zoneEvents", "storage", { storage: "memory" });
    const refusal = await refusalOf("storage");
    expect(refusal).toMatchObject({ reason: "refused", address: name });
    expect(refusal.message).toMatch(/storage: "memory" on the server, "file" wanted.*back the stream up/);
  });

  it("changes what loses nothing", async () => {
    const name = await made("agentReports", "harmless", {
      max_age: days(1),
      description: "an older sentence",
      duplicate_window: 60_000_000_000,
    });
    await run(provision("harmless"));
    const { config } = await jsm.streams.info(name);
    expect(config).toMatchObject({ ...assets.agentReports.config, description: assets.agentReports.why });
  });

  it("settles key-value and object stores, too, and refuses to shorten what they keep", async () => {
    await run(provisionHub);
    const [lease, values] = [`KV_${assets.lease.name()}`, `OBJ_${assets.environments.name()}`];
    const former = await jsm.streams.info(lease);
    await jsm.streams.update(lease, { ...former.config, subject_delete_marker_ttl: 5_000_000_000 });
    await run(provisionHub);
    expect((await jsm.streams.info(lease)).config.subject_delete_marker_ttl).toBe(60_000_000_000);

    const longer = await jsm.streams.info(values);
    await jsm.streams.update(values, { ...longer.config, max_age: days(30) });
    const refusal = await run(
      provisionHub.pipe(
        Effect.flip,
        Effect.mapError(() => new Error("it was provisioned")),
      ),
    );
    expect(refusal).toMatchObject({ reason: "refused", address: values });
    await jsm.streams.update(values, longer.config);
  });

  it("settles a durable that another version made", async () => {
    await run(provisionHub);
    const [stream, name] = [assets.rootCommands.name(), durables.root.name()];
    await jsm.consumers.delete(stream, name).catch(() => false);
    const former = { durable_name: name, ack_policy: AckPolicy.Explicit, max_ack_pending: 7 };
    await jsm.consumers.add(stream, { ...former, filter_subjects: [patterns.rootCommands] });
    await run(Effect.flatMap(connect(nats), (server) => server.admin.durable("root", "", "")));
    expect((await jsm.consumers.info(stream, name)).config.max_ack_pending).toBe(ACK_PENDING_MAX);
  });

  it("adds subjects", async () => {
    const zone = "wider";
    const name = await made("zoneIntervals", zone, { subjects: [patterns.zoneIntervals(zone)] });
    await run(provision(zone));
    expect((await jsm.streams.info(name)).config.subjects).toEqual(assets.zoneIntervals.subjects(zone));
  });
});
