/** Stale records and process identities: what proves that a process is the one written down. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cleanStaleRecord, parseRecord, readRecord, writeRecord } from "../../../src/keeper/keeper-record.ts";
import { identityOf, isAlive, signalTo, startInProcStat } from "../../../src/keeper/process-identity.ts";

const self = identityOf(process.pid) ?? expect.fail("this process has no identity");
const previous = { pid: process.pid, startedAt: "an earlier process with this pid" };

let home = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "mesh-record-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe("process identity", () => {
  it("is alive for this process and not for an earlier one with the same pid", () => {
    expect(isAlive(self)).toBe(true);
    expect(isAlive(previous)).toBe(false);
  });

  it("sends no signal to another process that was given the pid", () => {
    expect(signalTo(previous, "SIGKILL")).toBe(false);
  });

  it("finds the start time behind a command name with spaces and parentheses", () => {
    const fields = Array.from({ length: 30 }, (_, place) => String(place + 4)).join(" ");
    expect(startInProcStat(`77 (a (b) c) S ${fields}`)).toBe("22");
    expect(startInProcStat(`77 (dead) Z ${fields}`)).toBeUndefined();
  });
});

describe("keeper record", () => {
  const socket = "/run/mesh/keeper.sock";

  it("is private and reads back what was written", () => {
    const record = { ...self, socket, started: [previous] };
    writeRecord(home, record);
    expect(readRecord(home)).toEqual(record);
    expect(statSync(join(home, "keeper.json")).mode & 0o777).toBe(0o600);
  });

  it.each(["", "{", "null", "[]", '{"pid":1}', '{"pid":-1,"startedAt":"x","socket":"s","started":[]}'])(
    "is undefined for the text %j",
    (text) => {
      expect(parseRecord(text)).toBeUndefined();
    },
  );

  it("is cleaned with its socket when its keeper is gone, although the pid is in use", async () => {
    const left = join(home, "keeper.sock");
    writeFileSync(left, "");
    writeRecord(home, { ...previous, socket: left, started: [previous] });
    expect(await cleanStaleRecord(home)).toBe(true);
    expect(() => readFileSync(left)).toThrow("ENOENT");
    expect(readRecord(home)).toBeUndefined();
  });

  it("is left alone while its keeper runs", async () => {
    writeRecord(home, { ...self, socket, started: [] });
    expect(await cleanStaleRecord(home)).toBe(false);
    expect(readRecord(home)?.pid).toBe(process.pid);
  });
});
