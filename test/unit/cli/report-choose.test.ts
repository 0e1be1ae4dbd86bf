/** Which reporters a run has: what flags and variables name, what the surroundings ask for, and what cannot be. */
import { describe, expect, it } from "vitest";
import { chooseReporters, type Surroundings, type Wishes } from "../../../src/cli/report/choose.ts";

const nowhere: Surroundings = { isTerminal: false, variables: {} };

const chosen = (wishes: Partial<Wishes>, surroundings = nowhere) =>
  chooseReporters({ flags: [], variable: [], config: [], json: undefined, ...wishes }, surroundings).map(
    ({ file, name }) => (file === undefined ? name : `${name}=${file}`),
  );

describe("the reporters of a run", () => {
  it("are those for the screen that suit the surroundings, where none is named", () => {
    const variables = { GITHUB_ACTIONS: "true", CLAUDECODE: "1" };
    expect(chosen({})).toEqual(["default"]);
    expect(chosen({}, { isTerminal: false, variables })).toEqual(["default", "github"]);
    expect(chosen({}, { isTerminal: false, variables: { CLAUDECODE: "1" } })).toEqual(["agent"]);
    expect(chosen({}, { isTerminal: false, variables: { AI_AGENT: "" } })).toEqual(["default"]);
    expect(chosen({}, { isTerminal: true, variables })).toEqual(["default"]);
  });

  it("write a file beside what is on the screen", () => {
    expect(chosen({ flags: ["junit=a=b.xml", "json=s.json"] })).toEqual([
      "default",
      "junit=a=b.xml",
      "json=s.json",
    ]);
    expect(chosen({ flags: ["ndjson", "junit=x.xml"] })).toEqual(["ndjson", "junit=x.xml"]);
  });

  it("may be default and github on one screen, and json twice over", () => {
    expect(chosen({ flags: ["github", "default"] })).toEqual(["github", "default"]);
    expect(chosen({ flags: ["json"], json: "flag" })).toEqual(["json"]);
  });

  it("come from the variable where no flag names any, and a flag wins over it", () => {
    expect(chosen({ variable: ["agent"] })).toEqual(["agent"]);
    expect(chosen({ variable: ["agent"], flags: ["ndjson"] })).toEqual(["ndjson"]);
    expect(chosen({ variable: ["agent", "junit=x.xml"], json: "flag" })).toEqual(["json", "junit=x.xml"]);
  });
});

describe("a source that is weaker", () => {
  it("keeps its files, and leaves the screen to the stronger one", () => {
    expect(chosen({ config: ["agent"] })).toEqual(["agent"]);
    expect(chosen({ config: ["agent"], variable: ["ndjson"] })).toEqual(["ndjson"]);
    expect(chosen({ config: ["agent", "junit=x.xml"], json: "flag" })).toEqual(["json", "junit=x.xml"]);
    expect(chosen({ config: ["agent"], json: "variable" })).toEqual(["json"]);
    expect(chosen({ flags: ["agent"], json: "variable" })).toEqual(["agent"]);
    expect(chosen({ flags: ["junit=x.xml"], json: "variable" })).toEqual(["json", "junit=x.xml"]);
  });
});

describe("a wish that cannot be", () => {
  it.each<[Partial<Wishes>, RegExp]>([
    [{ flags: ["junitt"] }, /no reporter "junitt"; did you mean junit\?/],
    [{ flags: ["tap"] }, /^there is no reporter "tap"$/],
    [{ flags: ["junit="] }, /--reporter junit= names no file/],
    [{ flags: ["junit", "ndjson"] }, /--reporter junit and --reporter ndjson would all write to stdout/],
    [{ flags: ["json=x.xml", "junit=./x.xml"] }, /two reporters would write/],
    [{ flags: ["github", "agent"] }, /would all write to stdout/],
    [{ flags: ["agent"], json: "flag" }, /--json and --reporter agent would all write to stdout/],
    [{ flags: ["junit=x", "json=x"] }, /two reporters would write x/],
  ])("is refused as a usage error: %o", (wishes, message) => {
    expect(() => chosen(wishes)).toThrow(message);
    expect(() => chosen(wishes)).toThrow(expect.objectContaining({ exit: 2, code: "Usage" }));
  });
});
