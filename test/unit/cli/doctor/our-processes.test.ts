/** Which processes are ours, and which have lost the parent that they must end with. */
import { describe, expect, it } from "vitest";
import {
  isAdopter,
  kindOf,
  orphansAmong,
  type SeenProcess,
} from "../../../../src/cli/doctor/our-processes.ts";

describe("kinds of processes", () => {
  it("are told by what they were started as", () => {
    const kinds = [
      ["/n/node", "/p/src/cli/main.ts", "run", "x.ts"],
      ["node", "/p/dist/keeper/main.js", "/h"],
      ["node", "/p/src/engine/worker-main.ts"],
      ["node", "--max-old-space-size=64", "/p/src/engine/inspect-main.ts"],
      ["node", "/p/src/keeper/servers/clickhouse-main.ts"],
      ["/bin/sh", "-c", "exec 3<&0", "mesh-guard", "/usr/bin/nats-server"],
      ["/usr/sbin/nats-server", "--config", "/h/nats/server.conf"],
    ].map((args) => kindOf(args, false));
    expect(kinds).toEqual(["command", "keeper", "worker", "worker", "clickhouse", "guard", "nats-server"]);
  });

  it("tell a role of a command from a command by its pipe", () => {
    expect(kindOf(["node", "/p/src/cli/main.ts", "agent"], true)).toBe("role");
  });

  it("leave alone what is somebody else's", () => {
    const others = [["nats-server", "-c", "/etc/nats.conf"], ["node", "/app/main.js"], ["sh"], []];
    expect(others.map((args) => kindOf(args, true))).toEqual([undefined, undefined, undefined, undefined]);
  });
});

describe("orphans", () => {
  const seen = (pid: number, parent: number, kind: SeenProcess["kind"]): SeenProcess => ({
    pid,
    parent,
    kind,
    adopts: pid === 1,
    home: undefined,
  });

  it("are children that the first process has adopted, or whose parent cannot be seen", () => {
    const all = [seen(1, 0, undefined), seen(5, 1, "role"), seen(6, 5, "worker"), seen(7, 99, "guard")];
    expect(orphansAmong(all).map(({ pid }) => pid)).toEqual([5, 7]);
  });

  it("are not those that a person, a keeper or a test has started", () => {
    const all = [
      seen(1, 0, undefined),
      seen(2, 1, "command"),
      seen(3, 1, "keeper"),
      seen(4, 3, "guard"),
      seen(8, 1, undefined),
      seen(9, 8, "worker"),
    ];
    expect(orphansAmong(all)).toEqual([]);
  });

  it("may be adopted by what plays the first process's part", () => {
    expect(isAdopter(1, ["/sbin/anything"])).toBe(true);
    expect(
      [["/usr/lib/systemd/systemd", "--user"], ["tini"], ["bash"]].map((args) => isAdopter(9, args)),
    ).toEqual([true, true, false]);
  });
});
