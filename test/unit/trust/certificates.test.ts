/** Certificates that Mesh makes, as Node's own eyes see them. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { certifyServer, foundAuthority } from "../../../src/trust/certificate-files.ts";
import { authorityOf, makeAuthority } from "../../../src/trust/certificates.ts";

describe("a certificate", () => {
  it("is for the names and the addresses of both families that it was made for, and for no other", async () => {
    const { cert, leaf } = await makeAuthority("Ours");
    const pair = await leaf({ hosts: ["hub.example", "127.0.0.1", "2001:db8::1"] });
    const [authority, own] = [new X509Certificate(cert), new X509Certificate(pair.cert)];
    expect([own.verify(authority.publicKey), own.checkIssued(authority), authority.ca]).toEqual([
      true,
      true,
      true,
    ]);
    expect(["hub.example", "other.example"].map((name) => own.checkHost(name))).toEqual([
      "hub.example",
      undefined,
    ]);
    const addresses = ["127.0.0.1", "2001:db8::1", "127.0.0.2", "2001:db8::2"];
    expect(addresses.map((address) => own.checkIP(address))).toEqual([
      "127.0.0.1",
      "2001:db8::1",
      undefined,
      undefined,
    ]);
    expect(own.ca).toBe(false);
    expect(own.checkPrivateKey(createPrivateKey(pair.key))).toBe(true);
  });

  it("counts from before now for as long as it was asked to", async () => {
    const { leaf } = await makeAuthority();
    const { validFromDate, validToDate } = new X509Certificate((await leaf({ days: 10 })).cert);
    const days = (at: Date) => Math.round((at.getTime() - Date.now()) / 86_400_000);
    expect([days(validFromDate), days(validToDate)]).toEqual([-30, 10]);
  });

  it("is made by an authority of an earlier day, too", async () => {
    const { cert, key } = await makeAuthority("Ours");
    const pair = await (await authorityOf({ cert, key })).leaf();
    expect(new X509Certificate(pair.cert).checkIssued(new X509Certificate(cert))).toBe(true);
  });

  it("of a server is for the IPv6 address where it listens, and for none that only means all", async () => {
    const path = mkdtempSync(join(tmpdir(), "mesh-certificates-"));
    try {
      await foundAuthority(path, "hub");
      await certifyServer(path, ".", ["[2001:db8::1]", "[::]", "0.0.0.0"]);
      const { subjectAltName = "" } = new X509Certificate(readFileSync(join(path, "tls/server.pem")));
      expect(subjectAltName).toContain("IP Address:2001:DB8:0:0:0:0:0:1");
      expect(subjectAltName).not.toMatch(/IP Address:0(:0){7}(,|$)|0\.0\.0\.0/);
    } finally {
      rmSync(path, { recursive: true });
    }
  });
});
