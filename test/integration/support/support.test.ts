/** The tools of the tests, against the real things: a private server, a counting target, the door. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { describe, expect, it } from "vitest";
import { assets, durables } from "../../../streams/assets.ts";
import { subjects } from "../../../streams/subjects.ts";
import { startCountingTarget } from "../../support/counting-target.ts";
import { startNats } from "../../support/nats.ts";
import { createMeshHome, processesOf, seesProcesses, withoutProcesses } from "../../support/run-mesh.ts";

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe("private nats-server", () => {
  it("keeps its port and its data over a crash, and is gone when stopped", async () => {
    const nats = await startNats();
    const first = await connect({ servers: nats.url });
    const manager = await jetstreamManager(first);
    await manager.streams.add({ name: "KEPT", subjects: ["kept.>"] });
    await jetstream(first).publish("kept.one", "1");
    await first.close();
    await nats.restart();
    const second = await connect({ servers: nats.url });
    expect((await (await jetstreamManager(second)).streams.info("KEPT")).state.messages).toBe(1);
    await second.close();
    const pid = nats.pid();
    await nats.stop();
    expect(isAlive(pid)).toBe(false);
    await expect(nats.log()).rejects.toThrow(/ENOENT/);
  });

  it("accepts every stream and the durable of every inbox as the contract defines them", async () => {
    await using nats = await startNats();
    const connection = await connect({ servers: nats.url });
    const manager = await jetstreamManager(connection);
    for (const asset of Object.values(assets)) {
      if (asset.kind !== "stream") continue;
      for (const zone of asset.scope === "hub" ? [""] : ["a", "b"]) {
        const config = { name: asset.name(zone), subjects: [...asset.subjects(zone)], ...asset.config };
        const { config: echoed } = await manager.streams.add({ ...config, description: asset.why });
        expect(echoed, config.name).toMatchObject(config);
      }
    }
    const inbox = assets[durables.agent.asset].name("a");
    const filter_subject = subjects.agentCommands("a", "a1");
    const { config } = await manager.consumers.add(inbox, {
      durable_name: durables.agent.name("a1"),
      filter_subject,
    });
    expect(config.filter_subject).toBe(filter_subject);
    await connection.close();
  });
});

describe("counting target", () => {
  it("counts every request by its path, also those it cuts off", async () => {
    await using target = await startCountingTarget();
    const statuses = await Promise.all(
      ["/a", "/a?b=1", "/status/503", "/body/2000"].map(
        async (path) => (await fetch(target.url + path)).status,
      ),
    );
    await expect(fetch(`${target.url}/reset`)).rejects.toThrow(/fetch failed/);
    expect(statuses).toEqual([200, 200, 503, 200]);
    const { total, answered, paths } = await target.stats();
    expect({ total, answered, paths }).toEqual({
      total: 5,
      answered: 4,
      paths: { "/a": 2, "/status/503": 1, "/body/2000": 1, "/reset": 1 },
    });
  });

  it("refuses connections while it is told to", async () => {
    await using target = await startCountingTarget();
    await target.behave({ refuse: true });
    await expect(fetch(`${target.url}/a`)).rejects.toThrow(/fetch failed/);
    await target.behave({ refuse: false });
    expect((await fetch(`${target.url}/a`)).status).toBe(200);
    const { total, refused } = await target.stats();
    expect(total).toBe(1);
    expect(refused).toBeGreaterThanOrEqual(1);
  });

  it("ends when its stdin closes", async () => {
    const target = await startCountingTarget();
    await target.stop();
    expect(isAlive(target.pid)).toBe(false);
  });
});

describe.runIf(seesProcesses)("home of mesh", () => {
  it("says who is left running in it, and ends them", async () => {
    const home = createMeshHome({ graceMs: 100 });
    const child = spawn("sleep", ["300"], {
      env: { ...process.env, MESH_HOME: home.folder },
      stdio: "ignore",
    });
    await once(child, "spawn");
    const gone = once(child, "exit");
    expect(home.processes().map(({ pid }) => pid)).toEqual([child.pid]);
    await expect(home.dispose()).rejects.toThrow(new RegExp(`left running[^]*${child.pid} sleep 300`));
    expect((await gone)[1]).toBe("SIGKILL");
    expect(processesOf(home.folder)).toEqual([]);
    expect(existsSync(home.folder)).toBe(false);
  });

  it("has a door that runs, prints, and leaves nothing behind", async () => {
    await using home = createMeshHome();
    const { code, stderr } = await home.run(["no-such-command"], { boundMs: 15_000 });
    expect(stderr).not.toBe("");
    expect(code).not.toBe(0);
    expect(await withoutProcesses(home.folder, 5_000)).toEqual([]);
  });
});
