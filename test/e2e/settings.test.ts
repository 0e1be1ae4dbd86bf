/** Where values come from: the command line, the environment, `mesh.config.ts`, NATS contexts; labels and notes. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startCountingTarget } from "../support/counting-target.ts";
import { startNats } from "../support/nats.ts";
import { makeAuthority } from "../../src/trust/certificates.ts";
import { createMeshHome, type MeshHome } from "../support/run-mesh.ts";
import { createScriptFolder, script } from "../support/scripts.ts";

const errorOf = async (home: MeshHome, args: readonly string[], cwd: string) => {
  const { code, stderr, stdout } = await home.run(args, { cwd });
  expect(stdout).toBe("");
  return [code, stderr.trimEnd()];
};

describe("mesh.config.ts", () => {
  it("gives what neither the command line nor the environment says, and adds to labels and env", async () => {
    await using target = await startCountingTarget();
    await using home = createMeshHome();
    using files = createScriptFolder();
    const { folder: cwd } = files;
    writeFileSync(
      join(cwd, "mesh.config.ts"),
      `import { defineConfig, type MeshConfig } from "loadmesh";
      const env: MeshConfig["env"] = { TARGET_URL: ${JSON.stringify(target.url)} };
      export default defineConfig({ zones: { eu: 1, us: 1 }, agents: 4, env, history: false, labels: { team: "shop", ticket: "" } });`,
    );
    const asked = ["run", script("plain"), "--iterations", "8", "--agents", "2", "--json"];
    const { code, stderr, stdout } = await home.run([...asked, "--label", "ticket=SHOP-7"], { cwd });
    expect(code, stderr).toBe(0);
    expect(Object.keys((JSON.parse(stdout) as { ledger: { agents: object } }).ledger.agents)).toEqual([
      "eu-1",
      "us-1",
    ]);
    const noted = await home.run(["note", "last", "the cache\n was cold"], { cwd });
    expect([noted.code, noted.stdout]).toEqual([
      0,
      expect.stringMatching(/^noted; mesh events \S+ shows it\n$/),
    ]);
    const rows = await home.run(["runs", "--label", "team=shop", "--label", "ticket", "--json"], { cwd });
    expect(JSON.parse(rows.stdout)).toMatchObject([
      { labels: { team: "shop", ticket: "SHOP-7" }, notes: [{ text: "the cache was cold" }] },
    ]);
    const none = await home.run(["runs", "--label", "team=bank"], { cwd });
    expect(none.stdout).toBe("no run has team=bank\n");
    const events = await home.run(["events", "last"], { cwd });
    expect(events.stdout).toMatch(/RunPlanned .*team=shop, ticket=SHOP-7\n/);
    expect(events.stdout).toMatch(/NoteAdded +the cache was cold \(/);
    // What has ended is still replayed to the same figures, with the note in its log.
    expect((await home.run(["replay", "last"], { cwd })).code).toBe(0);
  });

  it("is refused with what is wrong in it, and where", async () => {
    await using home = createMeshHome();
    using files = createScriptFolder();
    const { folder: cwd } = files;
    const refusal = (text: string, name = "mesh.config.ts") => {
      writeFileSync(join(cwd, name), text);
      return errorOf(home, ["runs", "--config", name], cwd);
    };
    expect(await refusal("export default { agnets: 3 }")).toEqual([
      2,
      `mesh: mesh.config.ts: there is no setting "agnets"\n      did you mean agents? known: nats, context, creds, tls, parent, zones, agents, env, labels, reporter, history`,
    ]);
    expect(await refusal("export default { zones: { eu: 0 } }")).toEqual([
      2,
      expect.stringMatching(/^mesh: mesh\.config\.ts: zones must be zones with weights, such as /),
    ]);
    expect(await refusal("export const zones = 3")).toEqual([
      2,
      expect.stringMatching(/^mesh: mesh\.config\.ts: it has no default export that is an object\n/),
    ]);
    expect(await refusal("\nthrow new Error('no such region')")).toEqual([
      2,
      expect.stringMatching(/^mesh: mesh\.config\.ts: line 2: no such region\n/),
    ]);
    expect(await refusal("export default {{", "broken.mjs")).toEqual([
      2,
      expect.stringMatching(/^mesh: broken\.mjs: .*[Uu]nexpected token.*\n/),
    ]);
    expect(await refusal('{"agents": ', "mesh.config.json")).toEqual([
      2,
      expect.stringMatching(/^mesh: mesh\.config\.json: .*JSON.*\n/),
    ]);
    expect(await errorOf(home, ["runs", "--config", "elsewhere.ts"], cwd)).toEqual([
      2,
      expect.stringMatching(/^mesh: elsewhere\.ts: it is not there\n/),
    ]);
  });
});

describe("the files for TLS", () => {
  it("are told by flags, variables, a context or mesh.config.ts, and embedded servers need none", async () => {
    using files = createScriptFolder();
    await using home = createMeshHome();
    const { folder: cwd } = files;
    const authority = await makeAuthority();
    const write = (name: string, text: string) => {
      writeFileSync(join(cwd, name), text);
      return join(cwd, name);
    };
    const pair = async (name: string) => {
      const { cert, key } = await authority.leaf({ hosts: [name, "127.0.0.1"] });
      return { cert: write(`${name}.pem`, cert), key: write(`${name}.key`, key) };
    };
    const [ca, server, client] = [
      write("ca.pem", authority.cert),
      await pair("server"),
      await pair("client"),
    ];
    await using nats = await startNats({
      config: `tls { cert_file: "${server.cert}", key_file: "${server.key}", ca_file: "${ca}", verify: true }`,
    });
    const ask = (args: readonly string[], env: Record<string, string> = {}) =>
      home.run(["runs", ...args], { cwd, env: { XDG_CONFIG_HOME: cwd, ...env } });
    const at = ["--nats", nats.url];

    const flags = ["--tls-ca", ca, "--tls-cert", client.cert, "--tls-key", client.key];
    expect((await ask([...at, ...flags])).stdout).toBe("no runs yet\n");
    const variables = { MESH_TLS_CA: ca, MESH_TLS_CERT: client.cert, MESH_TLS_KEY: client.key };
    expect((await ask(at, variables)).stdout).toBe("no runs yet\n");
    mkdirSync(join(cwd, "nats", "context"), { recursive: true });
    write("nats/context/hub.json", JSON.stringify({ url: nats.url, ca, ...client }));
    expect((await ask(["--context", "hub"])).stdout).toBe("no runs yet\n");
    const untrusted = await ask([...at, "--json"]);
    expect([untrusted.code, untrusted.stdout]).toEqual([
      111,
      expect.stringContaining("--tls-ca (or MESH_TLS_CA)"),
    ]);

    write("mesh.config.json", JSON.stringify({ nats: nats.url, tls: { ca, ...client } }));
    expect((await ask([])).stdout).toBe("no runs yet\n");
    write("mesh.config.json", JSON.stringify({ nats: nats.url, tls: { root: ca } }));
    expect((await ask([])).stderr).toContain("tls must be PEM files, such as { ca: ");
    write("mesh.config.json", "{}");
    write("once.ts", "export const options = { iterations: 1 };\nexport default async () => {};\n");
    const alone = await home.run(["run", "once.ts", "--no-history"], { cwd, env: variables });
    expect(alone.code, alone.stderr).toBe(0);
  });
});

describe("a NATS context", () => {
  it("is used by its name, with its login, and loses to --nats where that is nearer", async () => {
    await using nats = await startNats({ config: 'authorization { user: ada, password: "s@fe" }' });
    await using home = createMeshHome();
    using files = createScriptFolder();
    const { folder: cwd } = files;
    const contexts = join(cwd, "nats", "context");
    mkdirSync(contexts, { recursive: true });
    const write = (name: string, fields: object) =>
      writeFileSync(join(contexts, `${name}.json`), JSON.stringify(fields));
    write("hub", { description: "ours", url: nats.url, user: "ada", password: "s@fe" });
    write("guest", { url: nats.url });
    write("tls", { url: nats.url, tls_first: true });
    const ask = (args: readonly string[], env: Record<string, string> = {}) =>
      home.run(["runs", ...args], { cwd, env: { XDG_CONFIG_HOME: cwd, ...env } });
    expect((await ask(["--context", "hub"])).stdout).toBe("no runs yet\n");
    expect((await ask([], { MESH_CONTEXT: "hub" })).stdout).toBe("no runs yet\n");
    const refused = await ask(["--context", "guest"]);
    expect([refused.code, refused.stderr]).toEqual([111, expect.stringContaining("refused the login")]);
    const unknown = await ask(["--context", "hbu"]);
    expect([unknown.code, unknown.stderr]).toEqual([
      2,
      'mesh: there is no NATS context "hbu"\n      did you mean hub? known: guest, hub, tls\n',
    ]);
    const tls = await ask(["--context", "tls"]);
    expect([tls.code, tls.stderr]).toEqual([2, expect.stringContaining("sets tls_first")]);
    const both = await ask(["--context", "hub", "--nats", nats.url]);
    expect([both.code, both.stderr]).toEqual([2, expect.stringContaining("names both a server (nats) and")]);
    const login = nats.url.replace("nats://", "nats://ada:s%40fe@");
    expect((await ask(["--nats", login], { MESH_CONTEXT: "guest" })).stdout).toBe("no runs yet\n");
  });
});
