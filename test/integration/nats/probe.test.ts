/** What a login may do at a real server: tried by things that do no harm, whether rights are missing or too wide. */
import { connect } from "@nats-io/transport-node";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Probe, probeNats } from "../../../src/nats/probe.ts";
import { type PrivateNats, startNats } from "../../support/nats.ts";

const API = "$JS.API";
/** Logins of a server without keys: one whose rights are right, one that lacks some, one that is bound by nothing. */
const USERS = `authorization {
  users: [
    { user: right, password: pw, permissions: {
      publish: ["${API}.INFO", "${API}.STREAM.INFO.*"], subscribe: ["_INBOX.right.>"] } },
    { user: narrow, password: pw, permissions: {
      publish: ["${API}.INFO", "${API}.STREAM.INFO.MESH_RUN_EVENTS"], subscribe: ["_INBOX.narrow.>"] } },
    { user: wide, password: pw }
  ]
}
`;

let nats: PrivateNats;
beforeAll(async () => {
  nats = await startNats({ config: USERS, domain: "hub" });
});
afterAll(() => nats.stop());

const door = { role: "door", zone: "", agent: "" };
const probeAs = (user: string): Promise<Probe> =>
  probeNats({ url: nats.url.replace("//", `//${user}:pw@`), name: user }, door);

/** What came out otherwise than it must. */
const wrong = ({ tried = [] }: Probe) =>
  tried
    .filter(({ must, outcome }) => (must ? outcome !== "allowed" : outcome === "allowed"))
    .map(({ outcome, what }) => `${what}: ${outcome}`);

describe("a probe", () => {
  it("finds nothing wrong with a login that may do its work and no more", async () => {
    const probe = await probeAs("right");
    expect(probe.tried?.length).toBeGreaterThan(5);
    expect(wrong(probe)).toEqual([]);
    expect([probe.domain, probe.link]).toEqual(["hub", undefined]);
  });

  it("names what a login lacks", async () => {
    expect(wrong(await probeAs("narrow"))).toEqual(["read the mesh log: denied"]);
  });

  it("names what a login may that nobody should, and does no harm by trying", async () => {
    const connection = await connect({ servers: nats.url, user: "wide", pass: "pw" });
    await (await jetstreamManager(connection)).streams.add({ name: "KEPT", subjects: ["kept"] });
    await jetstream(connection).publish("kept");
    expect(wrong(await probeAs("wide"))).toEqual([
      "listen to another zone: allowed",
      "listen to everything (>): allowed",
      "read everybody's answers (_INBOX.>): allowed",
      "delete streams: allowed",
    ]);
    const names = await (await jetstreamManager(connection)).streams.names().next();
    expect(names).toEqual(["KEPT"]);
    expect((await (await jetstreamManager(connection)).streams.info("KEPT")).state.messages).toBe(1);
    await connection.close();
  });

  it("knows nothing of a login that is none of ours", async () => {
    const probe = await probeNats({ url: nats.url.replace("//", "//wide:pw@"), name: "wide" }, undefined);
    expect(probe.tried).toBeUndefined();
  });
});
