/** The options of k6 that belong to HTTP: how they become a plan, what is refused and in which words; secrets stay out. */
import { describe, expect, it } from "vitest";
import { hideValues, namesOf, withValues } from "../../../src/domain/plan/environment.ts";
import { linesOf, planOf } from "./request.ts";

const CANARY = "canary-41c9";
const cert = `-----BEGIN CERTIFICATE-----\n${CANARY}\n-----END CERTIFICATE-----\n`;
const key = `-----BEGIN PRIVATE KEY-----\n${CANARY}\n-----END PRIVATE KEY-----\n`;

describe("HTTP options", () => {
  it("are not in the plan of a script that gives none", () => {
    expect(planOf({})).not.toHaveProperty("http");
    expect(planOf({})).not.toHaveProperty("minIterationDurationMs");
  });

  it("are in the plan as they were given", () => {
    const numbers = { batch: 5, batchPerHost: 0, maxRedirects: 0 };
    const flags = { noCookiesReset: true, throw: false };
    const plan = planOf({ ...numbers, ...flags, noVUConnectionReuse: true, minIterationDuration: "1s" });
    expect(plan.http).toEqual({ ...numbers, ...flags, noVuConnectionReuse: true });
    expect(plan.minIterationDurationMs).toBe(1000);
  });

  it("say where connections may go", () => {
    const hosts = {
      "shop.test": "10.0.0.1",
      "shop.test:443": "10.0.0.1:8443",
      "*.shop.test": "[::1]:80",
      v6: "::1",
    };
    const blacklistIPs = ["10.0.0.0/8", "127.0.0.1", "fc00::/7"];
    const plan = planOf({ hosts, blacklistIPs, blockHostnames: ["*.Ads.test", "x"], dns: {} });
    expect(plan.http).toEqual({
      hosts,
      blacklistIps: ["10.0.0.0/8", "127.0.0.1/32", "fc00::/7"],
      blockHostnames: ["*.ads.test", "x"],
      dns: { ttlMs: 300_000, select: "random", policy: "preferIPv4" },
    });
    expect(planOf({ dns: { ttl: "inf", select: "first" } }).http?.dns).toEqual({
      select: "first",
      policy: "preferIPv4",
    });
  });

  it("say how connections are secured, in OpenSSL's words", () => {
    const tlsCipherSuites = ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_256_CBC_SHA"];
    expect(planOf({ tlsVersion: "tls1.2", tlsCipherSuites }).http).toEqual({
      tlsVersion: { min: "tls1.2", max: "tls1.2" },
      tlsCipherSuites: ["ECDHE-RSA-AES128-GCM-SHA256", "AES256-SHA"],
    });
    expect(planOf({ tlsVersion: { min: "tls1.1" } }).http?.tlsVersion).toEqual({ min: "tls1.1" });
  });

  it("that are wrong are all told, with what would be right", () => {
    const options = {
      batch: 0,
      batchPerHost: -1,
      maxRedirects: "10",
      throw: "yes",
      noCookiesReset: 1,
      hosts: { "a b": "10.0.0.1", ok: "elsewhere", port: "10.0.0.1:99999" },
      blockHostnames: ["http://x"],
      blacklistIPs: ["10.0.0.0/33", "300.1.1.1"],
      targets: ["shop.test", "https://shop.test/cart", 7],
      dns: { ttl: "soon", select: "best", server: "1.1.1.1" },
      tlsVersion: { min: "tls1.3", max: "tls1.2" },
      tlsCipherSuites: ["TLS_RSA_WITH_RC4_128_SHA", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA265"],
      minIterationDuration: "-1s",
    };
    expect(linesOf(options)).toMatchInlineSnapshot(`
      [
        "options.minIterationDuration: must be a duration, but is "-1s" (a string) (write "30s", "1m30s", "500ms" or a number of milliseconds)",
        "options.batch: must be a whole number from 1 to 10,000, but is 0",
        "options.batchPerHost: must be a whole number from 0 to 10,000, but is -1 (0 means no limit)",
        "options.maxRedirects: must be a whole number from 0 to 1,000, but is "10" (a string) (write 10, without quotes)",
        "options.noCookiesReset: must be true or false, but is 1",
        "options.throw: must be true or false, but is "yes" (a string)",
        "options.hosts["a b"]: "a b" is no host name (write "shop.test", "shop.test:443" or "*.shop.test")",
        "options.hosts.ok: must be an address, but is "elsewhere" (a string) (write "10.0.0.1" or "10.0.0.1:8080")",
        "options.hosts.port: must be an address, but is "10.0.0.1:99999" (a string) (write "10.0.0.1" or "10.0.0.1:8080")",
        "options.blockHostnames[0]: must be a host name, but is "http://x" (a string) (write "ads.test" or "*.ads.test")",
        "options.blacklistIPs[0]: must be an address range, but is "10.0.0.0/33" (a string) (write "10.0.0.0/8" or "10.0.0.1")",
        "options.blacklistIPs[1]: must be an address range, but is "300.1.1.1" (a string) (write "10.0.0.0/8" or "10.0.0.1")",
        "options.dns.server: is not a known field of dns (known: ttl, select, policy)",
        "options.dns.ttl: must be a duration, but is "soon" (a string) (write "30s", "1m30s", "500ms" or a number of milliseconds)",
        "options.dns.select: must be one of "first", "random", "roundRobin", but is "best" (a string)",
        "options.targets[1]: must be a target, but is "https://shop.test/cart" (a string) (write "shop.test", "*.shop.test:8443", "10.0.0.0/8", "10.0.0.1:80" or "https://shop.test")",
        "options.targets[2]: must be a string, but is 7 (write "7")",
        "options.tlsVersion: has min tls1.3 above max tls1.2",
        "options.tlsCipherSuites[0]: is no cipher suite that can be used here: "TLS_RSA_WITH_RC4_128_SHA" (a string) (did you mean \`TLS_RSA_WITH_AES_128_CBC_SHA\`?)",
        "options.tlsCipherSuites[1]: is no cipher suite that can be used here: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA265" (a string) (did you mean \`TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\`?)",
      ]
    `);
    expect(linesOf({ tlsVersion: "ssl3.0" })).toMatchInlineSnapshot(`
      [
        "options.tlsVersion: must be one of "tls1.0", "tls1.1", "tls1.2", "tls1.3", but is "ssl3.0" (a string)",
      ]
    `);
  });
});

describe("a client certificate", () => {
  const options = {
    tlsAuth: [
      { domains: ["shop.test"], cert, key, password: CANARY },
      { cert, key },
    ],
  };

  it("is in no event: its texts lie in the run's environment", () => {
    const hidden = hideValues(options);
    const { options: shown, ...values } = hidden;
    const names = namesOf({ env: {}, ...values });
    const plan = planOf(shown, { env: [...names] });
    expect(JSON.stringify([shown, plan])).not.toContain(CANARY);
    expect(plan.env).toEqual(["options.tlsAuth"]);
    expect(plan.http?.tlsAuth).toEqual([
      { domains: ["shop.test"], cert: "", key: "" },
      { domains: [], cert: "", key: "" },
    ]);
    expect(withValues(plan, { env: {}, ...values }).http).toEqual(planOf(options).http);
  });

  it("that is none is refused without a word of it", () => {
    const lines = linesOf({ tlsAuth: [{ cert: key, key: CANARY }, { cert: 7 }, CANARY] });
    expect(lines.join("\n")).not.toContain(CANARY);
    expect(lines).toMatchInlineSnapshot(`
      [
        "options.tlsAuth[0].cert: is not a certificate in PEM form (it begins with -----BEGIN …-----)",
        "options.tlsAuth[0].key: is not a private key in PEM form (it begins with -----BEGIN …-----)",
        "options.tlsAuth[1].cert: must be a certificate, as a string in PEM form",
        "options.tlsAuth[1].key: is required",
        "options.tlsAuth[2]: must be an object with \`cert\` and \`key\`",
      ]
    `);
  });

  it.each([null, "text", [7], [{ cert: 7 }]])("of form %j is left for the plan to judge", (tlsAuth) => {
    expect(() => hideValues({ tlsAuth })).not.toThrow();
    expect(JSON.stringify(hideValues({ tlsAuth: [CANARY] }).options)).not.toContain(CANARY);
  });
});
