/** What `mesh zone init` says of the parent's server, which may not have heard of the zone. */
import { describe, expect, it } from "vitest";
import { heardText } from "../../../src/cli/trust/make.ts";

describe("a new zone", () => {
  it.each([
    ["running", "/srv/hub runs and knows the zone now"],
    ["stopped", "/srv/hub knows the zone when its server starts"],
    [
      "silent",
      "the server of /srv/hub gave no answer: if it runs, it may not know the zone until it starts anew, " +
        "or until mesh zone rotate eu --hub /srv/hub reaches it",
    ],
  ] as const)("of which the server heard as %s is told so", (delivered, text) => {
    expect(heardText(delivered, "/srv/hub", "eu")).toBe(text);
  });
});
