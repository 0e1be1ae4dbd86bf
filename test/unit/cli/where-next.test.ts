/** Commands that a person may paste: whole, with what finds the mesh, and without its passwords. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { whereNext } from "../../../src/cli/report/where-next.ts";

const commands = (...args: Parameters<typeof whereNext>) => whereNext(...args).map(({ command }) => command);

afterEach(() => vi.unstubAllEnvs());

describe("where to look next", () => {
  it("is the log, the replay, and the history where there is one", () => {
    vi.stubEnv("MESH_CLICKHOUSE_URL", undefined);
    const sql = `mesh sql "SELECT metric, p50, p95, p99 FROM trend_summary WHERE run = 'r1'"`;
    expect(commands("r1", { history: true, where: [] })).toEqual(["mesh events r1", "mesh replay r1", sql]);
    expect(commands("r1", { history: false, where: [] })).toHaveLength(2);
    expect(
      commands("r1", { history: true, nats: "nats://hub:4222", where: ["--nats", "nats://hub:4222"] }),
    ).toHaveLength(2);
    vi.stubEnv("MESH_CLICKHOUSE_URL", "http://there:8123");
    expect(
      commands("r1", { history: true, nats: "nats://hub:4222", where: ["--nats", "nats://hub:4222"] })[2],
    ).toBe(`${sql} --nats nats://hub:4222`);
  });

  it("says where the mesh is with the flags that did, quoted for a shell", () => {
    const where = ["--context", "hub", "--creds", "/my keys/it's.creds"];
    expect(commands("r1", { history: false, where })[0]).toBe(
      String.raw`mesh events r1 --context hub --creds '/my keys/it'\''s.creds'`,
    );
  });
});
