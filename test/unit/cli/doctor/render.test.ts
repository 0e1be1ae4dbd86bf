/** `mesh doctor` as text: aligned, the next step below what is not well, and one sentence at the end. */
import { describe, expect, it } from "vitest";
import { fail, ok, warn } from "../../../../src/cli/doctor/finding.ts";
import { doctorText } from "../../../../src/cli/doctor/render.ts";

describe("doctor text", () => {
  it("aligns findings, and puts the next step below what is not well", () => {
    const checks = [
      ok("node", "24.1.0"),
      warn("open files", "at most 256", "ulimit -n 4096"),
      fail("broker", "nobody answers", "start it"),
    ];
    expect(doctorText({ ok: false, checks }).split("\n")).toEqual([
      "✓ node        24.1.0",
      "! open files  at most 256",
      "              ulimit -n 4096",
      "✗ broker      nobody answers",
      "              start it",
      "",
      "one thing to mend before a mesh can be used (exit code 111)",
      "",
    ]);
  });

  it("says that warnings do not stand in the way", () => {
    const two = [warn("a", "x", "y"), warn("b", "x", "y")];
    expect(doctorText({ ok: true, checks: two })).toMatch(/\n\nmesh can be used; 2 things to look at\n$/);
    expect(doctorText({ ok: true, checks: [ok("a", "x")] })).toBe("✓ a  x\n\nall is well\n");
  });
});
