/** TLS to a real nats-server: what is accepted, and what is said of everything else. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ConnectFailure, type ConnectOptions, openConnection } from "../../../src/nats/connect.ts";
import { makeAuthority, type Pair } from "../../../src/trust/certificates.ts";
import { type PrivateNats, startNats } from "../../support/nats.ts";

const [ours, theirs] = [await makeAuthority(), await makeAuthority("Another Authority")];
const [strange, ended] = [await theirs.leaf(), await ours.leaf({ days: -1 })];
let folder = "";
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "mesh-tls-"))));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const filesOf = (name: string, { cert, key }: Pair) => ({
  cert: file(`${name}.pem`, cert),
  key: file(`${name}.key`, key),
});
const ourCa = () => file("ours.pem", ours.cert);

/** A server that shows this certificate; `mutual`: it wants one of our authority from everybody. */
function startTlsNats(pair: Pair, { mutual = false } = {}): Promise<PrivateNats> {
  const { cert, key } = filesOf("server", pair);
  const verify = mutual ? `, ca_file: "${ourCa()}", verify: true` : "";
  return startNats({ config: `tls { cert_file: "${cert}", key_file: "${key}"${verify} }` });
}

async function failureOf(options: Omit<ConnectOptions, "name">): Promise<ConnectFailure> {
  const failed = await openConnection({ name: "test", ...options }).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(ConnectFailure);
  return failed as ConnectFailure;
}

async function answers(options: Omit<ConnectOptions, "name">): Promise<boolean> {
  const { connection } = await openConnection({ name: "test", ...options });
  const answer = await connection.request("$JS.API.INFO", "", { timeout: 2000 });
  await connection.close();
  return answer.string().includes("streams");
}

describe("TLS to NATS", () => {
  it("is spoken with an address or a name that stands in a certificate of the named authority", async () => {
    await using nats = await startTlsNats(await ours.leaf({ hosts: ["localhost", "127.0.0.1"] }));
    const tls = { ca: ourCa() };
    expect(await answers({ url: nats.url, tls })).toBe(true);
    expect(await answers({ url: nats.url.replace("127.0.0.1", "localhost"), tls })).toBe(true);
    expect(await answers({ url: nats.url.replace("nats:", "tls:"), tls })).toBe(true);
  });

  it("is refused where the certificate is for another name, which is told", async () => {
    await using nats = await startTlsNats(await ours.leaf({ hosts: ["hub.example", "127.0.0.2"] }));
    const { message, hint } = await failureOf({ url: nats.url, tls: { ca: ourCa() } });
    expect(message).toBe(
      `the certificate of the NATS server at ${nats.url} is for hub.example, 127.0.0.2, not for 127.0.0.1`,
    );
    expect(hint).toContain("a name that stands in its certificate");
  });

  it("is refused where no trusted authority signed it, and the flag to name one is told", async () => {
    await using nats = await startTlsNats(await ours.leaf());
    const none = await failureOf({ url: nats.url });
    const wrong = await failureOf({ url: nats.url, tls: { ca: file("theirs.pem", theirs.cert) } });
    const message = `the certificate of the NATS server at ${nats.url} is of no authority that is trusted here`;
    expect([none.message, wrong.message]).toEqual([message, message]);
    expect(none.hint).toContain("--tls-ca (or MESH_TLS_CA)");
    expect(wrong.hint).toContain(`${join(folder, "theirs.pem")} holds other authorities`);
  });

  it("is refused where the certificate has ended", async () => {
    await using nats = await startTlsNats(ended);
    const { message, hint } = await failureOf({ url: nats.url, tls: { ca: ourCa() } });
    expect(message).toBe(`the certificate of the NATS server at ${nats.url} has ended`);
    expect(hint).toContain("clock");
  });

  it("says that the server does not speak it", async () => {
    await using nats = await startNats();
    for (const options of [
      { url: nats.url, tls: { ca: ourCa() } },
      { url: nats.url.replace("nats:", "tls:") },
    ]) {
      const { message } = await failureOf(options);
      expect(message).toBe(`the NATS server at ${options.url} does not speak TLS`);
    }
  });

  describe("that is mutual", () => {
    let nats: PrivateNats | undefined;
    beforeAll(async () => void (nats = await startTlsNats(await ours.leaf(), { mutual: true })));
    afterAll(() => nats?.stop());
    const at = (client?: { readonly cert: string; readonly key: string }) => ({
      url: nats?.url ?? "",
      tls: { ca: ourCa(), ...client },
    });

    it("is spoken with a certificate that the server trusts", async () => {
      expect(await answers(at(filesOf("client", await ours.leaf({ hosts: ["root"] }))))).toBe(true);
    });

    it("says that the server wants a certificate, and by which flags", async () => {
      const { message, hint } = await failureOf(at());
      expect(message).toBe(`the NATS server at ${nats?.url} wants a certificate from whoever connects`);
      expect(hint).toContain("--tls-cert");
      expect(hint).toContain("MESH_TLS_KEY");
    });

    it.each([
      ["is of an authority that it does not trust", strange, /it trusts no authority of it$/],
      ["has ended", ended, /it has ended$/],
    ])("says that the server refuses one that %s", async (_, pair, why) => {
      const files = filesOf("refused", pair);
      const { message, hint } = await failureOf(at(files));
      expect(message).toContain(`the NATS server at ${nats?.url} refuses the certificate in ${files.cert}`);
      expect(message).toMatch(why);
      expect(hint).toContain("--tls-cert");
    });
  });

  describe("with files that cannot be used", () => {
    const url = "nats://127.0.0.1:1";
    const failing = async (tls: ConnectOptions["tls"]) => {
      const { isUsage, message } = await failureOf({ url, tls });
      expect(isUsage).toBe(true);
      return message;
    };

    it("names the file and the flag before it dials", async () => {
      const [text, client] = [file("text", "hello"), filesOf("client", await ours.leaf())];
      const foreign = filesOf("foreign", strange);
      expect(await failing({ ca: join(folder, "none") })).toBe(
        `cannot read the file ${join(folder, "none")}`,
      );
      expect(await failing({ ca: text })).toBe(`${text} is no PEM file`);
      expect(await failing({ cert: client.cert })).toBe("--tls-cert names a file, and --tls-key none");
      expect(await failing({ key: client.key })).toBe("--tls-key names a file, and --tls-cert none");
      expect(await failing({ cert: client.cert, key: foreign.key })).toBe(
        `the certificate in ${client.cert} and the key in ${foreign.key} cannot be used together`,
      );
    });
  });
});
