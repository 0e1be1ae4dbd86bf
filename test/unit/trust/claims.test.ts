/** What the JWTs say that servers believe: rights by role, links that name one zone, users that name themselves. */
import { decode } from "@nats-io/jwt";
import { describe, expect, it } from "vitest";
import { readCredentials } from "../../../src/domain/credentials.ts";
import { linkClaims, mainClaims, userCreds } from "../../../src/trust/claims.ts";
import { newAccount, newOperator, newUser } from "../../../src/trust/keys.ts";

interface Claims {
  readonly exports?: readonly { readonly subject: string; readonly token_req?: boolean }[];
  readonly imports?: readonly {
    readonly subject: string;
    readonly token: string;
    readonly local_subject?: string;
  }[];
  readonly limits: Readonly<Record<string, number>>;
  readonly signing_keys: readonly { readonly role: string; readonly template: Template }[];
}

interface Template {
  readonly pub: { readonly allow: readonly string[] };
  readonly allowed_connection_types: readonly string[];
}

const operator = newOperator();
const main = {
  name: "MESH",
  account: newAccount(),
  signers: { root: newAccount(), door: newAccount() },
  holder: { name: "{{name()}}", zone: "", agent: "" },
  zone: undefined,
  revocations: {},
};
const claimsOf = (token: string) => decode<Claims>(token).nats as Claims;
const linkOf = async (zone: string) => {
  const link = { zone, account: newAccount(), signer: newAccount(), main: main.account, parent: undefined };
  return claimsOf(await linkClaims(operator, { ...link, revocations: {} }));
};

describe("the account of a hub", () => {
  it("is the same whatever zones there are: it exports wildcards, and only to those with a token", async () => {
    const { exports = [] } = claimsOf(await mainClaims(operator, main));
    expect(exports.filter(({ token_req }) => token_req !== true)).toEqual([]);
    expect(exports.map(({ subject }) => subject)).toEqual([
      ...new Set(exports.map(({ subject }) => subject)),
    ]);
    const { imports = [] } = await linkOf("eu");
    expect(imports.length).toBeGreaterThan(exports.length);
  });

  it("lets clients in, and only a zone's own key opens links", async () => {
    const { signing_keys } = claimsOf(await mainClaims(operator, main));
    for (const { template } of signing_keys)
      expect(template.allowed_connection_types).not.toContain("LEAFNODE");
    const link = await linkOf("eu");
    expect(link.signing_keys.map(({ template }) => template.allowed_connection_types)).toEqual([
      ["LEAFNODE"],
    ]);
  });
});

describe("the account of a zone at its parent", () => {
  it("stores nothing there, and imports the parent's JetStream under another name", async () => {
    const { imports = [], limits } = await linkOf("eu");
    expect([limits["disk_storage"] ?? 0, limits["mem_storage"] ?? 0]).toEqual([0, 0]);
    const api = imports.filter(({ subject }) => subject.startsWith("$JS.API."));
    for (const { local_subject, subject } of api)
      expect(local_subject).toBe(subject.replace("$JS.API.", "UP."));
    expect(api.length).toBeGreaterThan(0);
  });

  it("holds tokens for nothing but what it imports", { timeout: 30_000 }, async () => {
    const { imports = [] } = await linkOf("eu");
    for (const { subject, token } of imports) {
      expect((decode<{ readonly subject: string }>(token).nats as { subject: string }).subject).toBe(subject);
    }
  });
});

describe("credentials", () => {
  it("say whose they are and until when, and carry no rights of their own", async () => {
    const user = {
      name: "agent-EU_1",
      role: "agent",
      zone: "eu",
      agent: "EU_1",
      expiresAtS: 2_000_000_000,
    } as const;
    const text = new TextDecoder().decode(await userCreds(user, newUser(), newAccount(), newAccount()));
    expect(readCredentials(text)).toMatchObject(user);
    expect(text.length).toBeLessThan(1500); // a server reads no longer first line than 4 KB
  });

  it("are nothing that is said of an NKey seed, or of what is damaged", () => {
    expect(readCredentials("SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY")).toBeUndefined();
    expect(readCredentials("-----BEGIN NATS USER JWT-----\nx.y.z\n------END")).toBeUndefined();
  });
});
