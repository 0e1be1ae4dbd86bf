/** The embedded ClickHouse's configuration and what is said when it does not start. */
import { describe, expect, it } from "vitest";
import {
  clickHouseConfig,
  memoryLimit,
  parsePortFile,
} from "../../../src/keeper/servers/clickhouse-config.ts";
import { otherEngine, whereFull } from "../../../src/keeper/servers/clickhouse-failure.ts";

describe("configuration of ClickHouse", () => {
  it("takes a quarter of the memory, but neither next to nothing nor all", () => {
    expect([1e9, 8e9, 64e9].map(memoryLimit)).toEqual([1e9, 2e9, 4e9]);
  });

  it("escapes what a path may have", () => {
    expect(clickHouseConfig("/a&b/<c>", 1)).toContain("<users_config>/a&amp;b/&lt;c&gt;</users_config>");
  });

  it("reads a port only from a file that is whole", () => {
    expect(parsePortFile("41593\t26.7.2.1\n")).toEqual({ port: 41_593, version: "26.7.2.1" });
    for (const part of ["", "41593", "41593\t26.7.2.1", "x\t1.2\n"])
      expect(parsePortFile(part)).toBeUndefined();
  });

  it("knows data of a newer engine", () => {
    const pairs = [
      ["26.8.1.1", "26.7.3-stable.1", true],
      ["27.1.0.0", "26.12.1", true],
      ["26.7.9.9", "26.7.3", false],
      ["25.1.1.1", "26.7.3", false],
      ["", "26.7.3", false],
    ] as const;
    for (const [before, engine, isNewer] of pairs)
      expect([before, otherEngine(before, engine)]).toEqual([before, isNewer]);
  });

  it("says in one sentence that the disk is full", () => {
    const write = () => {
      throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    };
    expect(() => whereFull("/home/x", write)).toThrow(
      /^ClickHouse cannot write to \/home\/x: the disk is full$/,
    );
  });
});
