/** What the findings of a deployment's doctor mean, for cases that no test machine has: a clock that is far off, an old server above. */
import { describe, expect, it } from "vitest";
import { judgeZoneClock } from "../../../../src/cli/doctor/judge.ts";
import { judgeLink } from "../../../../src/cli/doctor/link.ts";
import { judgeTrial } from "../../../../src/cli/doctor/login.ts";

const up = { isUp: true, rttMs: 12, version: "2.15.1", clock: undefined, refusal: undefined };
const own = {
  name: "zone-eu",
  publicKey: "U",
  role: "zone",
  zone: "eu",
  agent: undefined,
  issuedAtS: 0,
  expiresAtS: undefined,
};

describe("the clock of a zone's server", () => {
  it("is told when it is further off than its measurement may be wrong", () => {
    expect(judgeZoneClock(63_000, 20)).toMatchObject({
      status: "warn",
      message: "this zone's server is 63.0 s ahead of the server above (± 20.0 ms)",
      hint: expect.stringContaining("NTP"),
    });
    expect(judgeZoneClock(-63_000, 20).message).toContain("63.0 s behind the server above");
    expect(judgeZoneClock(1500, 800).status).toBe("ok");
    expect(judgeZoneClock(-3, 1).status).toBe("ok");
  });
});

describe("the link of a zone", () => {
  it("is told with the version above, and that it is too old", () => {
    expect(judgeLink(up)).toMatchObject({
      status: "ok",
      message: "up, the server above answers in 12.0 ms: nats-server 2.15.1",
    });
    expect(judgeLink({ ...up, version: "2.10.0" })).toMatchObject({
      status: "fail",
      message: "the server above is version 2.10.0; Mesh needs 2.15.0 or newer",
    });
  });

  it("is up where the hub does not know the zone yet", () => {
    expect(judgeLink({ ...up, refusal: "consumer not found" })).toMatchObject({
      status: "warn",
      hint: expect.stringContaining("mesh root"),
    });
  });
});

describe("a right that was tried", () => {
  const trial = { what: "delete streams", kind: "ask", subject: "x" } as const;
  it("is told only where it is not as it must be", () => {
    expect(judgeTrial({ ...trial, must: true, outcome: "allowed" }, own)).toEqual([]);
    expect(judgeTrial({ ...trial, must: false, outcome: "denied" }, own)).toEqual([]);
    expect(judgeTrial({ ...trial, must: false, outcome: "nobody" }, own)).toEqual([]);
    expect(judgeTrial({ ...trial, must: true, outcome: "denied" }, own)).toMatchObject([
      { status: "fail", message: "zone-eu may not delete streams (x)" },
    ]);
    expect(judgeTrial({ ...trial, must: false, outcome: "allowed" }, own)).toMatchObject([
      { status: "fail", message: "zone-eu may delete streams, which no zone may" },
    ]);
  });
});
