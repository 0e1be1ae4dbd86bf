/** `mesh zone approve` rewrites a file that the zone's own user must go on reading: it stays whose it was, and where it was. */
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { approvedText } from "../../../src/cli/zone/approve.ts";
import { approveIn } from "../../../src/cli/zone/guard-file.ts";

const HASH = "a".repeat(64);
const NOBODY = 65_534;
const ANOTHER = 65_533;

let folder = "";
let file = "";
beforeEach(() => {
  // Not in a folder of the tests' own user: another one must be able to go there.
  folder = mkdtempSync("/tmp/mesh-guard-file-");
  file = join(folder, "guard.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

const approved = (at = file): unknown =>
  (JSON.parse(readFileSync(at, "utf8")) as { approved?: unknown }).approved;

/** As another user, who may write into the folder. */
function as<A>(uid: number, does: () => A): A {
  process.seteuid?.(uid);
  try {
    return does();
  } finally {
    process.seteuid?.(0);
  }
}

describe("an approval", () => {
  it("makes a file that nobody else reads where there is none", () => {
    expect(approveIn(file, "eu", HASH)).toEqual({ isNew: true });
    expect(approved()).toEqual([HASH]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(approveIn(file, "eu", HASH)).toEqual({ isNew: false });
  });

  it("leaves the file readable to whom it was, whatever the umask of whoever approves", () => {
    writeFileSync(file, "{}");
    chmodSync(file, 0o664);
    const umask = process.umask(0o077);
    try {
      approveIn(file, "eu", HASH);
    } finally {
      process.umask(umask);
    }
    expect(statSync(file).mode & 0o777).toBe(0o664);
  });

  it("goes through a link to the file itself", () => {
    mkdirSync(join(folder, "etc"));
    const real = join(folder, "etc/eu.json");
    writeFileSync(real, "{}");
    symlinkSync("etc/eu.json", file);
    approveIn(file, "eu", HASH);
    expect(lstatSync(file).isSymbolicLink()).toBe(true);
    expect(approved(real)).toEqual([HASH]);
    expect(readdirSync(join(folder, "etc"))).toEqual(["eu.json"]);
  });

  it("that cannot be written leaves nothing behind, and says so", () => {
    mkdirSync(file);
    expect(() => approveIn(file, "eu", HASH)).toThrow(`${file} cannot be read: `);
    expect(readdirSync(folder)).toEqual(["guard.json"]);
  });
});

describe.runIf(process.getuid?.() === 0)("an approval of a file that is another user's", () => {
  beforeEach(() => {
    writeFileSync(file, "{}");
    chmodSync(file, 0o640);
    chownSync(file, NOBODY, ANOTHER);
  });

  it("leaves it that user's, where whoever approves may do so", () => {
    expect(approveIn(file, "eu", HASH)).toEqual({ isNew: true });
    const { gid, mode, uid } = statSync(file);
    expect([uid, gid, mode & 0o777]).toEqual([NOBODY, ANOTHER, 0o640]);
  });

  it("says whose it was where that cannot be kept", () => {
    chmodSync(folder, 0o777);
    chmodSync(file, 0o644);
    const done = as(ANOTHER, () => approveIn(file, "eu", HASH));
    expect(done).toEqual({ isNew: true, formerOwner: NOBODY });
    expect(statSync(file).uid).toBe(ANOTHER);
    const text = approvedText({ zone: "eu", sha256: HASH, file, details: [], ...done });
    expect(text).toContain(
      `not to user ${NOBODY} any more: see that the zone can still read it (chown ${NOBODY} `,
    );
  });

  it("changes nothing where whoever approves may write no file there", () => {
    chmodSync(folder, 0o755);
    chmodSync(file, 0o644);
    expect(() => as(ANOTHER, () => approveIn(file, "eu", HASH))).toThrow(`${file} cannot be written: `);
    expect(approved()).toBeUndefined();
    expect(readdirSync(folder)).toEqual(["guard.json"]);
  });
});
