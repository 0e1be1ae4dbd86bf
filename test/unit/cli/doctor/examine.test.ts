/** How `mesh doctor` goes through its checks: together, bounded, and none of them can end the others. */
import { describe, expect, it } from "vitest";
import { examine } from "../../../../src/cli/doctor/examine.ts";
import { type Check, ok, warn } from "../../../../src/cli/doctor/finding.ts";

const check = (name: string, look: Check["look"]): Check => ({ name, hint: `see to ${name}`, look });

describe("examination", () => {
  it("makes a finding of a check that breaks, with the error's own next step where it has one", async () => {
    const broken = Object.assign(new Error("it broke\nin two lines"), { hint: "glue it" });
    const diagnosis = await examine({}, [
      check("a", () => Promise.reject(broken)),
      check("b", () => {
        throw new Error("no");
      }),
      check("c", () => [ok("c", "fine")]),
    ]);
    expect(diagnosis).toEqual({
      ok: false,
      checks: [
        { name: "a", status: "fail", message: "it broke", hint: "glue it" },
        { name: "b", status: "fail", message: "no", hint: "see to b" },
        { name: "c", status: "ok", message: "fine" },
      ],
    });
  });

  it("ends a check that does not end by itself", async () => {
    const ended = Promise.withResolvers<void>();
    const stuck = check("stuck", (_, signal) => {
      signal.addEventListener("abort", () => ended.resolve());
      return new Promise(() => {});
    });
    const { checks } = await examine({}, [stuck], 20);
    expect(checks).toMatchObject([{ name: "stuck", status: "fail", hint: "see to stuck" }]);
    await ended.promise;
  });

  it("is well when there are only warnings, and when a check has nothing to say", async () => {
    const diagnosis = await examine({}, [check("a", () => [warn("a", "hm", "look")]), check("b", () => [])]);
    expect(diagnosis).toMatchObject({ ok: true, checks: [{ name: "a" }] });
  });
});
