/** What a zone holds a share to, and when it refuses one. */
import { describe, expect, it } from "vitest";
import { hasHash } from "../../../src/domain/guard/bundle-hash.ts";
import { readGuardFile } from "../../../src/domain/guard/guard-file.ts";
import { shareRails } from "../../../src/domain/guard/share-rails.ts";
import { planOf } from "../plan/request.ts";

const plan = planOf({ vus: 30, duration: "10m" });
const asked = { zone: "eu", plan, share: [], actor: "ana@laptop", guards: [], others: [] };
const owners = (content: object | string) => ({
  name: "/etc/mesh/guard.json",
  read: readGuardFile(typeof content === "string" ? content : JSON.stringify(content), "eu"),
});

describe("the rails of a share", () => {
  it("are those of the zones above, and the owner's own last", () => {
    const above = [{ zone: "world", maxVus: 100 }];
    expect(shareRails({ ...asked, guards: above }, undefined)).toMatchObject({
      guards: above,
      refusal: undefined,
    });
    const both = shareRails({ ...asked, guards: above }, owners({ maxRate: 5 }));
    expect(both).toMatchObject({ guards: [...above, { zone: "eu", maxRate: 5 }], refusal: undefined });
  });

  it("refuse more VUs and a longer load than any owner allows, with both numbers", () => {
    expect(shareRails(asked, owners({ maxVus: 30, maxDuration: "10m" })).refusal).toBeUndefined();
    expect(shareRails(asked, owners({ maxVus: 29 })).refusal).toBe(
      `${plan.script} wants up to 30 VUs in zone eu, whose owner allows 29 (maxVus)`,
    );
    expect(shareRails(asked, owners({ maxDuration: "9m" })).refusal).toBe(
      `${plan.script} runs for 10m, and the owner of zone eu allows 9m (maxDuration)`,
    );
    expect(shareRails({ ...asked, guards: [{ zone: "world", maxVus: 3 }] }, undefined).refusal).toContain(
      "zone world",
    );
    const half = { ...asked, share: [{ weights: [1, 1], index: 0 }] };
    expect(shareRails(half, owners({ maxVus: 15 })).refusal).toBeUndefined();
  });

  it("refuse code that may go on for longer beside the load: in gracefulStop, setup and teardown", () => {
    const refusalOf = (exports: object, maxDuration = "1m") =>
      shareRails({ ...asked, plan: planOf(exports) }, owners({ maxDuration })).refusal;
    const short = { executor: "constant-vus", vus: 1, duration: "1s" };
    // What is usual is nobody's evasion: 30 s to end, a minute for a stage.
    expect(refusalOf({ scenarios: { s: short } }, "2s")).toBeUndefined();
    expect(refusalOf({ scenarios: { s: { ...short, gracefulStop: "24h" } } })).toMatch(
      /may go on for 24h in gracefulStop of s, and the owner of zone eu allows 1m \(maxDuration\)$/,
    );
    expect(refusalOf({ scenarios: { s: short }, setupTimeout: "24h" })).toContain("in setup (setupTimeout)");
    expect(refusalOf({ scenarios: { s: short }, teardownTimeout: "2m" })).toContain("in teardown");
    expect(refusalOf({ scenarios: { s: short }, teardownTimeout: "2m" }, "2m")).toBeUndefined();
  });

  it("take no word from above for the owner's own", () => {
    const forged = [
      { zone: "eu", allowDenied: ["metadata", "control-plane"] },
      { zone: "world", maxVus: 100 },
    ];
    expect(shareRails({ ...asked, guards: forged }, undefined).guards).toEqual([
      { zone: "world", maxVus: 100 },
    ]);
  });

  it("refuse a second run beside one that has the whole rate already", () => {
    const beside = { ...asked, others: [{ run: "r-1", lingers: false }] };
    expect(shareRails(beside, owners({ maxRate: 50 })).refusal).toBe(
      `${plan.script} cannot run in zone eu just now: its owner allows 50 requests per second in all (maxRate), ` +
        "and run r-1 has them; start it again when that one is over",
    );
    expect(shareRails(beside, owners({ maxRequests: 50 })).refusal).toBeUndefined();
    expect(shareRails(asked, owners({ maxRate: 50 })).refusal).toBeUndefined();
    const lost = { ...asked, others: [{ run: "r-1", lingers: true }] };
    expect(shareRails(lost, owners({ maxRate: 50 })).refusal).toContain(
      "run r-1 has them (an agent was lost, and goes on until its onSilence stops it)",
    );
  });

  it("refuse a script that is not approved, with its hash, who asked, and what approves it", () => {
    const none = shareRails(asked, owners({ requireApproval: true }));
    expect(none.refusal).toBe(
      `${plan.script} (${plan.bundle}), which ana@laptop asked to run, is not approved in zone eu; ` +
        `its owner approves it there: mesh zone approve eu ${plan.bundle} --guard /etc/mesh/guard.json`,
    );
    expect(none.isApproved).toBe(false);
    const approved = shareRails(asked, owners({ requireApproval: true, approved: [plan.bundle] }));
    expect([approved.refusal, approved.isApproved]).toEqual([undefined, true]);
  });

  it("refuse everything while the owner's file is wrong", () => {
    expect(shareRails(asked, owners('{ "maxRate": "much" }')).refusal).toMatch(
      /^zone eu takes no run while its guard file is wrong: \/etc\/mesh\/guard.json: maxRate must be /,
    );
  });
});

describe("a bundle", () => {
  it("is known by what it is, not by what it is called", () => {
    const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    expect(hasHash(new Uint8Array(), empty)).toBe(true);
    expect(hasHash(new Uint8Array([1]), empty)).toBe(false);
  });
});
