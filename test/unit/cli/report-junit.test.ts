/** The JUnit file: well formed whatever a run is called, and saying of each thing what it was. */
import { describe, expect, it } from "vitest";
import { brokenText, junitText } from "../../../src/cli/report/junit.ts";
import { readXml, type XmlElement } from "../../support/strict-xml.ts";
import { documentOf, troubledDocument } from "../summary/fixture.ts";

function casesIn(xml: string): ReadonlyMap<string, XmlElement> {
  const suites = readXml(xml).children;
  const cases = suites.flatMap(({ children }) => children).filter(({ name }) => name === "testcase");
  return new Map(cases.map((each) => [each.attributes["name"] ?? "", each]));
}

const faultsOf = (each: XmlElement | undefined) => each?.children.map(({ name }) => name);

describe("a JUnit file", () => {
  it("has a case for each threshold, each check and the run, and counts its failures", () => {
    const xml = junitText(documentOf());
    const cases = casesIn(xml);
    expect([...cases.keys()]).toEqual([
      "http_req_duration: p(95)<5",
      "http_req_failed: rate<0.2",
      "http_req_duration{status:404}: avg<1",
      "check: has a body",
      "check: shop › cart › status is 200",
      "run",
    ]);
    expect(
      cases
        .values()
        .flatMap(faultsOf as (each: XmlElement) => string[])
        .toArray(),
    ).toEqual(["failure", "failure", "failure"]);
    expect(readXml(xml).attributes).toMatchObject({ tests: "6", failures: "3", errors: "0" });
  });

  it("says what was observed and what the limit was, also where there were no data", () => {
    const cases = casesIn(junitText(documentOf()));
    const messageOf = (name: string) => cases.get(name)?.children[0]?.attributes["message"];
    expect(messageOf("http_req_duration: p(95)<5")).toBe("observed p(95)=5.5ms, limit <5ms");
    expect(messageOf("http_req_duration{status:404}: avg<1")).toBe("observed no data, limit <1ms");
    expect(messageOf("check: shop › cart › status is 200")).toBe("failed 6 of 60 times (90.00% passed)");
  });

  it("says when a threshold with a timeframe was breached", () => {
    const frame = { windows: [42, 51], fromMs: 42_000, toMs: 52_000 } as const;
    const threshold = { metric: "http_req_duration", threshold: "p(99)<300 for 10s", observed: 412 };
    const thresholds = [{ ...threshold, judgement: "fail", frame } as const];
    const cases = casesIn(junitText({ ...documentOf(), thresholds }));
    expect(cases.get("http_req_duration: p(99)<300 for 10s")?.children[0]?.attributes["message"]).toBe(
      "breached at 0:42–0:52, p(99)=412ms, limit <300ms",
    );
  });

  it("has an error for an outcome that is no verdict on the target", () => {
    const run = casesIn(junitText(troubledDocument())).get("run");
    expect(faultsOf(run)).toEqual(["error"]);
    expect(run?.children[0]?.attributes["type"]).toBe("invalid");
  });

  it("has a failure for a run that a threshold ended which was kept again at the end", () => {
    const document = documentOf();
    const thresholds = document.thresholds?.map((each) => ({ ...each, judgement: "pass" as const })) ?? [];
    expect(faultsOf(casesIn(junitText({ ...document, thresholds })).get("run"))).toEqual(["failure"]);
  });

  it("keeps every sign of a name that XML can hold, and is well formed with those that it cannot", () => {
    const names = [...casesIn(junitText(troubledDocument())).keys()];
    expect(names.at(4)).toBe(`check: says <b>"100%"</b> & |'x'|\uFFFD\uFFFD[31m\uFFFD, a:b\nand more`);
  });

  it("says why there is no summary", () => {
    const [run] = casesIn(brokenText("shop.ts", "shop.ts has one problem\n  --vus: too <few>")).values();
    expect(run?.children[0]).toMatchObject({
      name: "error",
      attributes: { message: "shop.ts has one problem" },
      text: "shop.ts has one problem\n  --vus: too <few>",
    });
  });
});

describe("the XML reader of these tests", () => {
  it.each([
    ["a bare &", "<a>&</a>"],
    ["a tag left open", "<a><b></a>"],
    ["an attribute twice", `<a x="1" x="2"/>`],
    ["a control character", "<a>\u0001</a>"],
  ])("refuses %s", (_, body) => {
    expect(() => readXml(`<?xml version="1.0" encoding="UTF-8"?>\n${body}`)).toThrow(/ at |character/);
  });
});
