/** Who gets in where: credentials at the wrong door, without any, of another operator, expired, and revoked. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { issueAgent } from "../../../src/trust/init-zone.ts";
import { revokeLink, revokeUser } from "../../../src/trust/renew.ts";
import { openLeaf } from "../../support/leaf-client.ts";
import { type TrustedMesh, type TrustedServer, trustedMesh } from "../../support/trusted-mesh.ts";
import { connectAs } from "./evidence.ts";

let mesh: TrustedMesh;
let stranger: TrustedMesh;
let a: TrustedServer;

beforeAll(async () => {
  mesh = await trustedMesh({ zones: { a: ["a-1", "a-2"] } });
  stranger = await trustedMesh({ zones: { a: ["a-1"] }, started: false });
  a = mesh.zones["a"]!;
});

afterAll(async () => {
  await mesh?.[Symbol.asyncDispose]();
  await stranger?.[Symbol.asyncDispose]();
});

const credsOf = (at: TrustedServer, file: string) => readFileSync(at.creds(file));

/** What a server's leaf port says to somebody; undefined when it lets them in. */
async function refusalOfLeaf(
  server: TrustedServer,
  creds: Uint8Array | undefined,
): Promise<string | undefined> {
  await using link = await openLeaf({ port: server.leafPort, creds });
  return link.isOpen() ? undefined : link.errors.join() || "closed";
}

const refusalOfClient = (
  server: TrustedServer,
  holder: TrustedServer,
  file: string,
): Promise<string | undefined> =>
  connectAs({ ...holder, url: server.url }, file, "_INBOX.x").then(
    async (connection) => {
      await connection.close();
      return undefined;
    },
    (error: Error) => error.message,
  );

describe("a leaf port", () => {
  it("lets a zone's server in", async () => {
    expect(await refusalOfLeaf(mesh.hub, credsOf(a, "creds/leaf.creds"))).toBeUndefined();
  });

  it.each(["root", "door", "watch", "sys"])("refuses the hub's own %s", async (role) => {
    expect(await refusalOfLeaf(mesh.hub, credsOf(mesh.hub, `creds/${role}.creds`))).toMatch(
      /Authorization|Connection/i,
    );
  });

  it("refuses whoever brings none, an agent's, and those of another operator", async () => {
    const brought = [
      undefined,
      credsOf(a, "agents/a-1.creds"),
      credsOf(stranger.zones["a"]!, "creds/leaf.creds"),
    ];
    for (const creds of brought)
      expect(await refusalOfLeaf(mesh.hub, creds)).toContain("Authorization Violation");
  });
});

describe("a client port", () => {
  it("refuses a zone server's credentials, a zone's own, and those of another operator", async () => {
    const refused = /Authorization Violation/i;
    expect(await refusalOfClient(mesh.hub, a, "creds/leaf.creds")).toMatch(refused);
    expect(await refusalOfClient(mesh.hub, a, "creds/zone.creds")).toMatch(refused);
    expect(await refusalOfClient(mesh.hub, a, "creds/sys.creds")).toMatch(refused);
    expect(await refusalOfClient(mesh.hub, stranger.hub, "creds/root.creds")).toMatch(refused);
    expect(await refusalOfClient(a, mesh.hub, "creds/root.creds")).toMatch(refused);
  });

  it("refuses an agent whose credentials have expired", async () => {
    await issueAgent(a.folder, "a-9", Math.floor(Date.now() / 1000) - 1);
    expect(await refusalOfClient(a, a, "agents/a-9.creds")).toMatch(/expired|Authorization Violation/i);
  });

  it("cuts and refuses an agent whose credentials are revoked", async () => {
    const agent = await connectAs(a, "agents/a-2.creds", "_INBOX.agent-a-2");
    await revokeUser(a.folder, "agent-a-2");
    const gone = await agent.closed();
    expect(String(gone)).toMatch(/revoked|Authorization/i);
    expect(await refusalOfClient(a, a, "agents/a-2.creds")).toMatch(/revoked|Authorization Violation/i);
  });
});

describe("a revoked zone", () => {
  it("is cut at once, and what let it in before lets it in no more", async () => {
    const creds = credsOf(a, "creds/leaf.creds");
    await using link = await openLeaf({ port: mesh.hub.leafPort, creds });
    expect(link.isOpen()).toBe(true);
    await revokeLink(mesh.hub.folder, "a");
    await expect.poll(() => link.isOpen(), { timeout: 5000 }).toBe(false);
    expect(await refusalOfLeaf(mesh.hub, creds)).toMatch(/Revoked|Authorization Violation/);
  });
});
