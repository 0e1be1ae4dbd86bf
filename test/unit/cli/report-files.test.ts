/** Reporters as a set: the run as NDJSON while it goes on, files that are whole, and a file that cannot be written. */
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Chosen } from "../../../src/cli/report/choose.ts";
import { makeReporters } from "../../../src/cli/report/reporters.ts";
import { evolve } from "../../../src/domain/run/evolve.ts";
import { newRun, type RunState } from "../../../src/domain/run/state.ts";
import type { View } from "../../../src/roles/door/follow-run.ts";
import type { Stored } from "../../../src/ports/server.ts";
import { recordRun } from "../../support/recorded-run.ts";
import { documentOf } from "../summary/fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "mesh-report-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function setOf(...chosen: readonly Chosen[]) {
  const [printed, notes]: [string[], string[]] = [[], []];
  const reporters = makeReporters(chosen, {
    print: (text) => void printed.push(text),
    note: (line) => void notes.push(line),
    script: "shop.ts",
    next: () => [],
  });
  return { reporters, printed, notes };
}

const stored = (sequence: number, data: Uint8Array): Stored =>
  ({ sequence, data, envelope: { time: 1000 + sequence } }) as unknown as Stored;

describe("the reporter ndjson", () => {
  const { events, frames } = recordRun({ run: "r", windows: 3 });
  const { printed, reporters } = setOf({ name: "ndjson" });
  let state: RunState = newRun;
  const viewOf = (): View => ({ state, metrics: undefined, lastAt: 0 });
  const lines = () => printed.map((text) => JSON.parse(text) as Record<string, unknown>);

  it("has a line for each event as it happens, and one for each window", () => {
    for (const [n, event] of events.entries()) {
      state = evolve(state, event);
      reporters.follower.onEvent?.(event, stored(n + 1, new Uint8Array()), viewOf());
      expect(lines()).toHaveLength(n + 1);
    }
    for (const [n, frame] of frames.entries())
      reporters.follower.onInterval?.(viewOf(), stored(n + 1, frame), undefined as never);
    expect(lines().map(({ type, event, window }) => event ?? `${String(type)} ${String(window)}`)).toEqual([
      ...events.map(({ type }) => type),
      "window 0",
      "window 1",
      "window 2",
    ]);
    expect(lines().at(-1)).toMatchObject({ endMs: 3000, requests: 8, rps: 8, iterations: 0 });
  });

  it("has the summary once, as its last line and with its version", () => {
    reporters.end(documentOf(), true);
    expect(lines().at(-1)).toMatchObject({ type: "summary", schemaVersion: 1, run: "mhzk-1" });
    expect(printed.filter((text) => text.includes('"root_group"'))).toHaveLength(1);
  });
});

describe("the file of a reporter", () => {
  it("is made with its folder, replaces an older one, and leaves nothing beside it", () => {
    const file = join(folder, "a/b/report.xml");
    const { notes, reporters } = setOf({ name: "default" }, { name: "junit", file });
    reporters.end(documentOf(), true);
    writeFileSync(file, "old");
    reporters.end(documentOf(), true);
    expect(notes).toEqual([]);
    expect(readFileSync(file, "utf8")).toContain("</testsuites>");
    expect(readdirSync(join(folder, "a/b"))).toEqual(["report.xml"]);
  });

  it("writes to what is no regular file, and through a link, without replacing either", () => {
    const [real, link] = [join(folder, "real.json"), join(folder, "link.json")];
    writeFileSync(real, "old");
    symlinkSync(real, link);
    const linked = setOf({ name: "default" }, { name: "json", file: link });
    linked.reporters.end(documentOf(), true);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(JSON.parse(readFileSync(real, "utf8"))).toMatchObject({ schemaVersion: 1 });
    const null_ = setOf({ name: "default" }, { name: "json", file: "/dev/null" });
    null_.reporters.end(documentOf(), true);
    expect([lstatSync("/dev/null").isCharacterDevice(), null_.notes]).toEqual([true, []]);
  });

  it("of ndjson has each line as it happens", () => {
    const file = join(folder, "run.ndjson");
    const { reporters } = setOf({ name: "default" }, { name: "ndjson", file });
    reporters.follower.onEvent?.({ type: "RunReady" }, stored(1, new Uint8Array()), {
      state: newRun,
      metrics: undefined,
      lastAt: 0,
    });
    expect(readFileSync(file, "utf8")).toContain('"event":"RunReady"');
  });

  it("is left as it was when a run breaks and there is nothing to say", () => {
    const [text, json] = [join(folder, "kept.txt"), join(folder, "broken.json")];
    writeFileSync(text, "old");
    const { reporters } = setOf(
      { name: "agent" },
      { name: "default", file: text },
      { name: "json", file: json },
    );
    reporters.broken("no server");
    expect(readFileSync(text, "utf8")).toBe("old");
    expect(JSON.parse(readFileSync(json, "utf8"))).toEqual({
      schemaVersion: 1,
      error: { message: "no server" },
    });
  });

  it("is told in a sentence when it cannot be written, and the others are", () => {
    writeFileSync(join(folder, "file"), "");
    const [bad, good] = [join(folder, "file/x.json"), join(folder, "good.json")];
    const { notes, reporters } = setOf({ name: "json", file: bad }, { name: "json", file: good });
    reporters.end(documentOf(), false);
    expect(notes).toEqual([expect.stringMatching(/^reporter json: could not write .*file\/x\.json: /)]);
    expect(JSON.parse(readFileSync(good, "utf8"))).toMatchObject({ schemaVersion: 1, run: "mhzk-1" });
  });

  it("of the default summary has the text though handleSummary took its place on the screen", () => {
    const file = join(folder, "summary.txt");
    const { printed, reporters } = setOf({ name: "default" }, { name: "default", file });
    reporters.end(documentOf(), true);
    expect(printed).toEqual([]);
    expect(readFileSync(file, "utf8")).toContain("✗ failed (exit 99)");
  });
});

describe("a run without a summary", () => {
  it("is an error in JUnit, NDJSON and GitHub's words", () => {
    const file = join(folder, "broken.xml");
    const { printed, reporters } = setOf({ name: "github" }, { name: "junit", file });
    reporters.broken("no NATS server\nat all: 100%");
    expect(printed.join("")).toBe("::error title=mesh run shop.ts::no NATS server%0Aat all: 100%25\n");
    expect(readFileSync(file, "utf8")).toContain(`<error type="broken" message="no NATS server">`);
    const lines = setOf({ name: "ndjson" });
    lines.reporters.broken("gone");
    expect(lines.printed).toEqual(['{"type":"error","message":"gone"}\n']);
  });
});
