/** Secrets: what a script reads from its environment reaches its workers, and is in no stream when the run is over. */
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { expect, it } from "vitest";
import { assets } from "../../streams/assets.ts";
import { subjects } from "../../streams/subjects.ts";
import { startCountingTarget } from "../support/counting-target.ts";
import { script } from "../support/scripts.ts";
import { startSeparateMesh } from "./separate-mesh.ts";

const CANARY = "canary-2c8d17e0";

/** Everything that any stream of the server holds, headers and bodies, as text. */
async function everythingIn(url: string): Promise<string> {
  const connection = await connect({ servers: url });
  try {
    const jsm = await jetstreamManager(connection);
    const texts: string[] = [];
    for await (const { config, state } of jsm.streams.list()) {
      for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
        const message = await jsm.streams.getMessage(config.name, { seq }).catch(() => null);
        if (message === null) continue;
        const headers = [...message.header].map(([name, values]) => `${name}: ${values.join()}`);
        texts.push(message.subject, ...headers, Buffer.from(message.data).toString());
      }
    }
    return texts.join("\n");
  } finally {
    await connection.close();
  }
}

/** Resolves when an event on this subject is in its zone's log, now or later. */
async function zoneEvent(url: string, subject: string): Promise<void> {
  const connection = await connect({ servers: url });
  try {
    const consumer = await jetstream(connection).consumers.get(assets.zoneEvents.name("a"), {
      filter_subjects: [subject],
    });
    expect(await consumer.next({ expires: 20_000 }), `nothing on ${subject}`).not.toBeNull();
  } finally {
    await connection.close();
  }
}

it("a scenario's env reaches the script, and stays in no stream and no event", async () => {
  await using target = await startCountingTarget();
  await using mesh = await startSeparateMesh({ a: ["a1"] });
  const env = ["--env", `TARGET_URL=${target.url}`, "--env", `TOKEN=${CANARY}`];
  const exit = await mesh.home.run(["run", script("secret"), "--zones", "a", ...env, ...mesh.where]);
  expect(exit.code, exit.stderr).toBe(0);
  const { paths } = await target.stats();
  expect(paths).toMatchObject({ [`/token/${CANARY.length}`]: 1 });

  const events = await mesh.home.run(["events", "last", "--json", ...mesh.where]);
  expect(events.stdout).toContain('"env":["BEARER","TARGET_URL","TOKEN"]');
  expect(events.stdout).not.toContain(CANARY);
  expect(exit.stdout + exit.stderr).not.toContain(CANARY);
  // The hub's object goes before the verdict is given, the zone's before it says that it has forgotten the run.
  await zoneEvent(mesh.nats.url, subjects.zoneEvent("a", "ShareForgotten"));
  const everything = await everythingIn(mesh.nats.url);
  expect(everything).toContain("RunPlanned");
  expect(everything).not.toContain(CANARY);
});
