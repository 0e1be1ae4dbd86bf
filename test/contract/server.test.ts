/**
 * The contract of the server port (`src/ports/server.ts`), held by both of its implementations. What a role may rely
 * on stands in `server/*.ts`; what is not there, neither of them promises.
 */
import { afterAll, beforeAll, describe, it } from "vitest";
import { adminContract } from "./server/admin.ts";
import { inboxContract } from "./server/inbox.ts";
import { leaseContract } from "./server/lease.ts";
import { liveContract } from "./server/live.ts";
import { logContract } from "./server/log.ts";
import { logReadingContract } from "./server/log-reading.ts";
import { objectsContract } from "./server/objects.ts";
import { type Holds, memoryWorld, natsWorld } from "./server/worlds.ts";

/** Provisioning a nats-server may come on top. */
const OPEN_WITHIN_MS = 240_000;

// Side by side, for some of them wait for ten seconds of a real server's time.
describe.concurrent.each([memoryWorld(), natsWorld()])("server in $name", (world) => {
  beforeAll(world.open, OPEN_WITHIN_MS);
  afterAll(world.close);
  const holds: Holds = (what, program) => it(what, () => world.run(program));

  describe("log", () => {
    logContract(holds);
    logReadingContract(holds);
  });
  describe("inbox", () => inboxContract(holds));
  describe("live", () => liveContract(holds));
  describe("objects", () => objectsContract(holds));
  describe("lease", () => leaseContract(holds));
  describe("admin and clock", () => adminContract(holds));
});
