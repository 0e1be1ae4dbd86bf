/** What figures mean to `mesh doctor`: the bounds between well, to look at, and not to be used. */
import { describe, expect, it } from "vitest";
import {
  bytesText,
  judgeClock,
  judgeMachine,
  judgeNode,
  judgeOpenFiles,
  judgePayload,
  judgePlatform,
  judgeSpace,
  judgeStorage,
} from "../../../../src/cli/doctor/judge.ts";

describe("bytes in words", () => {
  it("have the unit that a person would take", () => {
    expect([0, 1, 1_500_000, 999_000_000, 1_500_000_000].map(bytesText)).toEqual([
      "0 KB",
      "1 KB",
      "2 MB",
      "999 MB",
      "1.5 GB",
    ]);
  });
});

describe("judgement of room", () => {
  it("warns below 1 GB and fails below 100 MB, naming the variable", () => {
    const judged = [1_000_000_000, 999_999_999, 100_000_000, 99_999_999].map((bytes) =>
      judgeSpace("home", "/h", bytes, "MESH_HOME"),
    );
    expect(judged.map(({ status }) => status)).toEqual(["ok", "warn", "warn", "fail"]);
    expect(judged[3]).toMatchObject({
      message: "/h, 100 MB free",
      hint: expect.stringContaining("MESH_HOME"),
    });
  });

  it("of an account knows no limit, little left, and full", () => {
    const limits = [undefined, 1000, 1000, 1000];
    const used = [9e12, 100, 950, 995];
    const judged = limits.map((limit, i) => judgeStorage(used[i] ?? 0, limit));
    expect(judged.map(({ status }) => status)).toEqual(["ok", "ok", "warn", "fail"]);
  });
});

describe("judgement of a machine", () => {
  it("takes Linux on both architectures, warns on macOS, refuses others", () => {
    const machines = [
      ["linux", "x64"],
      ["linux", "arm64"],
      ["darwin", "arm64"],
      ["win32", "x64"],
      ["linux", "ia32"],
    ] as const;
    expect(machines.map(([platform, arch]) => judgePlatform(platform, arch).status)).toEqual([
      "ok",
      "ok",
      "warn",
      "fail",
      "fail",
    ]);
  });

  it("needs Node 24", () => {
    expect([judgeNode("v24.0.0", "x").status, judgeNode("v22.9.1", "x").status]).toEqual(["ok", "fail"]);
    expect(judgeNode("v26.1.0", "from PATH: /n").message).toBe("26.1.0, from PATH: /n");
  });

  it("warns of few open files, and knows machines without a limit", () => {
    expect([undefined, 4096, 4095].map((most) => judgeOpenFiles(most).status)).toEqual(["ok", "ok", "warn"]);
  });

  it("warns of little memory", () => {
    expect(judgeMachine(1, 2e9, 4e9)).toMatchObject({
      status: "ok",
      message: expect.stringMatching(/^one,/),
    });
    expect(judgeMachine(2, 1e8, 4e9).status).toBe("warn");
  });
});

describe("judgement of a broker", () => {
  it("warns when clocks are more than a second apart, and says which way", () => {
    expect(judgeClock(-0.42, 0.2)).toMatchObject({
      status: "ok",
      message: "this machine is 0.4 ms ahead of the broker (± 0.2 ms)",
    });
    expect(judgeClock(1000, 1).status).toBe("ok");
    expect(judgeClock(61_500, 1)).toMatchObject({
      status: "warn",
      message: "this machine is 61.5 s behind the broker (± 1.0 ms)",
    });
  });

  it("says nothing of messages that are long enough", () => {
    expect(judgePayload(8_388_608)).toBeUndefined();
    expect(judgePayload(1_048_576)).toMatchObject({ status: "warn", hint: expect.stringContaining("8MB") });
  });
});
