/** Which files for TLS a command takes, where several sources name some. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { settleWhere, type WhereFlags } from "../../../src/cli/settings/given.ts";

const definitions = {
  "tls-ca": { env: "MESH_TLS_CA" },
  nats: {},
  context: {},
  "tls-cert": {},
  "tls-key": {},
};
const tls = { ca: "own-ca.pem", cert: "own.pem", key: "own.key" };
const config = { nats: "tls://hub.example:4222", tls };

/** The flags as they are parsed: with the config file's address where nothing else names one. */
function filesOf(flags: Readonly<Record<string, string>>, argv: readonly string[], where = config) {
  const parsed: WhereFlags = { nats: where.nats, ...flags };
  settleWhere(parsed, definitions, argv, where);
  return parsed.tlsFiles;
}

describe("files for TLS", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "mesh-given-"));
    mkdirSync(join(folder, "nats/context"), { recursive: true });
    const context = { url: "tls://there.example:4222", ca: "/c/ca.pem", cert: "/c/c.pem", key: "/c/c.key" };
    writeFileSync(join(folder, "nats/context/there.json"), JSON.stringify(context));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  afterEach(() => vi.unstubAllEnvs());

  it("are those of the config file, for its server, but for each that is named nearer", () => {
    expect(filesOf({}, [])).toEqual(tls);
    expect(filesOf({ "tls-ca": "new.pem" }, ["--tls-ca", "new.pem"])).toEqual({ ...tls, ca: "new.pem" });
    vi.stubEnv("MESH_TLS_CA", "env.pem");
    expect(filesOf({ "tls-ca": "env.pem" }, [])).toEqual({ ...tls, ca: "env.pem" });
  });

  it("are those of the context, for its server, but for each that is named nearer", () => {
    vi.stubEnv("XDG_CONFIG_HOME", folder);
    const argv = ["--context", "there", "--tls-ca", "new.pem"];
    expect(filesOf({ context: "there", "tls-ca": "new.pem" }, argv)).toEqual({
      ca: "new.pem",
      cert: "/c/c.pem",
      key: "/c/c.key",
    });
  });

  it("of the config file are not for another server", () => {
    const argv = ["--nats", "nats://other:4222", "--tls-ca", "new.pem"];
    expect(filesOf({ nats: "nats://other:4222", "tls-ca": "new.pem" }, argv)).toEqual({ ca: "new.pem" });
  });
});
