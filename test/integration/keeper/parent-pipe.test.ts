/** Role processes: they end when told, and within 5 s when the process that started them is gone, blocked or not. */
import { describe, expect, it, vi } from "vitest";
import { spawnRole } from "../../../src/keeper/spawn-role.ts";
import { fixture, isRunning } from "./keeper-home.ts";

const pidIn = (line: string) => Number(/^ready (\d+)/.exec(line)?.[1]);
const entry = new URL("../../fixtures/keeper/role.ts", import.meta.url).pathname;

describe("role process", () => {
  it("hands its lines on and ends when stopped", async () => {
    const ready = Promise.withResolvers<string>();
    const role = spawnRole(["polite", "--name", "a"], process.env, {
      entry,
      onLine: (line) => ready.resolve(line),
    });
    expect(await ready.promise).toBe(`ready ${role.pid} polite --name a`);
    expect(await role.stop()).toEqual({ code: null, signal: "SIGTERM" });
    expect(await role.stop()).toEqual({ code: null, signal: "SIGTERM" });
  });

  it("says so when it cannot be started", async () => {
    const role = spawnRole([], process.env, { entry: "/none.ts", onLine: () => {} });
    expect(await role.exited).toMatchObject({ code: 1 });
  });

  it("is told to stop when the process that started it is killed", async () => {
    using parent = fixture("parent", "polite");
    const pid = pidIn(await parent.line());
    parent.child.kill("SIGKILL");
    await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 2000, interval: 20 });
  });

  it("is killed within 5 s or so when a blocked event loop cannot be told", async () => {
    using parent = fixture("parent", "blocks");
    const pid = pidIn(await parent.line());
    parent.child.kill("SIGKILL");
    await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 7000, interval: 50 });
  });
});
