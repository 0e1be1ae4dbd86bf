/** A log that somebody else writes, rotates, cuts short and floods. */
import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { followLog, type LogTail } from "../../../src/keeper/log-tail.ts";

let folder: string;
let file: string;
let tail: LogTail;
const [heard, notes]: [string[], string[]] = [[], []];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mesh-log-"));
  file = join(folder, "server.log");
  writeFileSync(file, "of before\n");
  heard.length = notes.length = 0;
  tail = followLog(
    file,
    (line) => heard.push(line),
    (note) => notes.push(note),
  );
});

afterEach(() => {
  tail.stop();
  rmSync(folder, { recursive: true, force: true });
});

const hears = (...lines: readonly string[]) => expect.poll(() => heard, { timeout: 5000 }).toEqual(lines);

describe("a log that is followed", () => {
  it("is heard line by line from its present end on, whole lines only", async () => {
    appendFileSync(file, "one\ntw");
    await hears("one");
    appendFileSync(file, "o\n");
    await hears("one", "two");
  });

  it("goes on after rotation, what was written last before it included", async () => {
    appendFileSync(file, "one\n");
    await hears("one");
    appendFileSync(file, "two\n");
    renameSync(file, `${file}.1`);
    await hears("one", "two");
    writeFileSync(file, "three\n");
    await hears("one", "two", "three");
  });

  it("goes on after it was cut to nothing", async () => {
    appendFileSync(file, "a long line before it is cut\n");
    await hears("a long line before it is cut");
    truncateSync(file, 0);
    await new Promise((resolve) => setTimeout(resolve, 600)); // two looks: nothing tells that it has looked
    appendFileSync(file, "two\n");
    await hears("a long line before it is cut", "two");
  });

  it("leaves out what is too much at once, and says so", async () => {
    appendFileSync(file, `${"x".repeat(99)}\n`.repeat(50_000));
    await expect
      .poll(() => notes.join(), { timeout: 5000 })
      .toMatch(/grows faster than it is read: \d+ bytes/);
    expect(heard.length).toBeLessThan(12_000);
    appendFileSync(file, "last\n");
    await expect.poll(() => heard.at(-1), { timeout: 5000 }).toBe("last");
  });
});
