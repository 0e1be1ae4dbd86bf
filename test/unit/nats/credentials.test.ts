/** Who a connection is: its inbox and the end of its credentials follow from the file, which may be replaced meanwhile. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createUser } from "@nats-io/nkeys";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { endOf, loginOf } from "../../../src/nats/credentials.ts";

let folder = "";
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "mesh-creds-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const seedOf = (user = createUser()) => new TextDecoder().decode(user.getSeed());

/** A file as `nsc` writes it, with these claims and a signature that nobody looks at here. */
function creds(claims: object): string {
  const token = `${part({ typ: "JWT", alg: "ed25519-nkey" })}.${part(claims)}.c2lnbmF0dXJl`;
  return `-----BEGIN NATS USER JWT-----\n${token}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${seedOf()}\n------END USER NKEY SEED------\n`;
}

function file(text: string): string {
  const path = join(folder, "x.creds");
  writeFileSync(path, text);
  return path;
}

describe("credentials", () => {
  it("name the inbox of a .creds file after its user, and of everything else after the connection", async () => {
    expect(await loginOf(file(creds({ name: "zone-fra" })), "zone-fra-up")).toMatchObject({
      inboxPrefix: "_INBOX.zone-fra",
      principal: "zone-fra",
    });
    expect((await loginOf(file(creds({ name: "door ann.b" })), "door-1")).inboxPrefix).toBe(
      "_INBOX.door-ann-b",
    );
    expect(await loginOf(file(seedOf()), "door-1")).toMatchObject({
      inboxPrefix: "_INBOX.door-1",
      principal: undefined,
    });
    expect(await loginOf(undefined, "door-1")).toEqual({
      authenticator: undefined,
      inboxPrefix: "_INBOX.door-1",
      principal: undefined,
    });
  });

  it.each([
    ["no claims at all", "no claims"],
    ["a token that is none", "-----BEGIN NATS USER JWT-----\nx.@@.y\n------END NATS USER JWT------\n"],
  ])("that hold %s have the inbox of the connection, and no end", async (_, text) => {
    const path = file(text);
    expect((await loginOf(path, "door-1")).inboxPrefix).toBe("_INBOX.door-1");
    expect(await endOf(path)).toBeUndefined();
  });

  it("are read again at each connect, and the last ones count while the file is away", async () => {
    const [before, after] = [createUser(), createUser()];
    const path = file(seedOf(before));
    const { authenticator } = await loginOf(path, "x");
    const nkeyNow = () => (authenticator?.("nonce") as { readonly nkey?: string } | undefined)?.nkey;
    expect(nkeyNow()).toBe(before.getPublicKey());
    writeFileSync(path, seedOf(after));
    expect(nkeyNow()).toBe(after.getPublicKey());
    rmSync(path);
    expect(nkeyNow()).toBe(after.getPublicKey());
  });

  it("say when they ended, and nothing while they last", async () => {
    const past = Math.floor(Date.now() / 1000) - 60;
    expect(await endOf(file(creds({ name: "x", exp: past })))).toEqual({
      atMs: past * 1000,
      renewal: expect.stringContaining("mesh hub rotate DIR"),
    });
    expect(await endOf(file(creds({ name: "x", exp: past + 3600 })))).toBeUndefined();
    expect(await endOf(file(creds({ name: "x" })))).toBeUndefined();
    expect(await endOf(join(folder, "none"))).toBeUndefined();
    expect(await endOf(undefined)).toBeUndefined();
  });
});
