/** What a look at a server tells: what it stores, whose assets it holds, how far its clock is away. It changes nothing. */
import { jetstreamManager } from "@nats-io/jetstream";
import * as Effect from "effect/Effect";
import { describe, expect, it } from "vitest";
import { openConnection } from "../../../src/nats/connect.ts";
import { natsServer } from "../../../src/nats/nats-server.ts";
import { surveyNats } from "../../../src/nats/survey.ts";
import { startNats } from "../../support/nats.ts";

describe("survey of a server", () => {
  it("finds an empty one empty, and leaves it so", async () => {
    await using nats = await startNats();
    for (const look of ["first", "second"]) {
      const survey = await surveyNats({ url: nats.url, name: look });
      expect(survey).toMatchObject({
        serverName: "test",
        maxPayloadBytes: 8 * 1024 * 1024,
        storage: { fileBytes: 0, fileLimitBytes: undefined, streams: 0 },
        assets: { present: 0, different: [] },
        clock: undefined,
      });
    }
  });

  it("knows the assets of a hub, measures the clock through them, and names a setting that is another", async () => {
    await using nats = await startNats();
    const hub = natsServer({ url: nats.url, name: "root" });
    await Effect.runPromise(Effect.scoped(Effect.flatMap(hub, ({ admin }) => admin.provision("hub", ""))));
    const { assets, clock } = await surveyNats({ url: nats.url, name: "doctor" });
    expect(assets).toEqual({ present: assets.present, missing: 0, hidden: 0, different: [] });
    expect(assets.present).toBeGreaterThan(0);
    // It is the same clock, and the measurement says itself how wrong it may be; a millisecond is its resolution.
    expect(Math.abs(clock?.offsetMs ?? Number.NaN)).toBeLessThanOrEqual((clock?.errorMs ?? 0) + 1);

    const { connection } = await openConnection({ url: nats.url, name: "stranger" });
    const jsm = await jetstreamManager(connection);
    await jsm.streams.update("MESH_COMMANDS", { max_age: 3_600_000_000_000 });
    await connection.close();
    const after = await surveyNats({ url: nats.url, name: "doctor" });
    expect(after.assets.different).toEqual([
      expect.stringMatching(/^MESH_COMMANDS: max_age: 3600000000000 on the server, \d+ wanted$/),
    ]);
  });

  it("tells the limit of an account", async () => {
    await using nats = await startNats({
      config: `accounts { A { users: [{ user: a, password: b }], jetstream { max_file: 64MB, max_mem: 8MB } } }\nno_auth_user: a`,
    });
    const survey = await surveyNats({ url: nats.url, name: "doctor" });
    expect(survey).toMatchObject({ storage: { fileLimitBytes: 64 * 1024 * 1024 } });
  });
});
