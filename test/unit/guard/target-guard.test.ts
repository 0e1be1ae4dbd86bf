/** Which targets guard rails let through: what is denied to everybody, what owners say, what the plan says. */
import { describe, expect, it } from "vitest";
import { TargetGuard, type TargetGuardOptions } from "../../../src/domain/guard/target-guard.ts";

const guardOf = (over: Partial<TargetGuardOptions> = {}) =>
  new TargetGuard({ zone: "eu", guards: [], planTargets: undefined, controlPlane: [], ...over });

/** The rail that refuses a URL, as a worker asks: by name first, then by the address that the name has. */
function railOf(guard: TargetGuard, text: string, resolved?: string, isRenamed = false): string | undefined {
  const url = new URL(text);
  const host = url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  const scheme = url.protocol === "https:" ? ("https" as const) : ("http" as const);
  const port = Number(url.port || (scheme === "https" ? 443 : 80));
  const asked = { host, port, scheme, isRenamed };
  const isAddress = /^[\d.]+$|:/.test(host);
  return isAddress
    ? guard.refusal({ ...asked, address: resolved ?? host })?.rail
    : (
        guard.refusal(asked) ??
        (resolved === undefined ? undefined : guard.refusal({ ...asked, address: resolved }))
      )?.rail;
}

describe("what is denied to everybody", () => {
  it.each([
    ["http://169.254.169.254/latest", "metadata"],
    ["http://2852039166/", "metadata"],
    ["http://0xa9fea9fe/", "metadata"],
    ["http://0xa9.0xfe.0xa9.0xfe/", "metadata"],
    ["http://0251.0376.0251.0376/", "metadata"],
    ["http://169.254.43518/", "metadata"],
    ["http://169.254.169.254./", "metadata"],
    ["http://[::ffff:169.254.169.254]/", "metadata"],
    ["http://[::FFFF:A9FE:A9FE]/", "metadata"],
    ["http://[::169.254.169.254]/", "metadata"],
    ["http://[64:ff9b::a9fe:a9fe]/", "metadata"],
    ["http://[2002:a9fe:a9fe::1]/", "metadata"],
    ["http://[fd00:ec2::254]/", "metadata"],
    ["http://[FD00:0EC2:0:0:0:0:0:0254]/", "metadata"],
    ["http://100.100.100.200/", "metadata"],
    ["http://metadata.google.internal/", "metadata"],
    ["http://Metadata.Google.INTERNAL./computeMetadata", "metadata"],
    ["https://metadata.google.internal:8443/", "metadata"],
    ["http://169.254.1.1/", "link-local"],
    ["http://[fe80::1]/", "link-local"],
    ["http://[febf::1]/", "link-local"],
    ["http://0.0.0.0:8080/", "unspecified"],
    ["http://0/", "unspecified"],
    ["http://[::]/", "unspecified"],
    ["http://255.255.255.255/", "broadcast"],
    ["http://224.0.0.251/", "multicast"],
    ["http://[ff02::fb]/", "multicast"],
  ])("is not reached as %s", (url, group) => {
    expect(railOf(guardOf(), url)).toBe(`${group}, built in`);
  });

  it.each([
    ["a name", "http://rebind.test/", "169.254.169.254"],
    ["a mapped address", "http://rebind.test/", "::ffff:169.254.169.254"],
    ["an address with an interface", "http://rebind.test/", "fe80::1%eth0"],
  ])("is not reached by %s that leads there", (_what, url, address) => {
    expect(railOf(guardOf(), url)).toBeUndefined();
    expect(railOf(guardOf(), url, address)).toMatch(/^(metadata|link-local), built in$/);
  });

  it.each([
    ["http://127.0.0.1/"],
    ["http://[::1]/"],
    ["http://10.0.0.1/"],
    ["http://170.0.0.1/"],
    ["http://[2001:db8::1]/"],
    ["http://100.100.100.201/"],
  ])("is not %s", (url) => {
    expect(railOf(guardOf(), url)).toBeUndefined();
  });

  it("includes the mesh's own servers, by every address of this machine", () => {
    const guard = guardOf({
      controlPlane: ["localhost:4222", "127.0.0.1:4222", "hub.test:4222", "10.0.0.9:4222"],
    });
    const reached = (url: string, address?: string) => railOf(guard, url, address);
    for (const url of [
      "http://localhost:4222/",
      "http://127.9.9.9:4222/",
      "http://[::1]:4222/",
      "http://hub.test:4222/",
    ])
      expect(reached(url), url).toBe("control-plane, built in");
    expect(reached("http://innocent.test:4222/", "10.0.0.9")).toBe("control-plane, built in");
    expect(reached("http://innocent.test:4222/", "::ffff:127.0.0.1")).toBe("control-plane, built in");
    expect(reached("http://127.0.0.1:4223/")).toBeUndefined();
    expect(reached("http://10.0.0.9/")).toBeUndefined();
  });

  it("is lifted by the owner of the zone, and by nobody else", () => {
    const lifted = { zone: "eu", allowDenied: ["169.254.10.0/24", "multicast"] };
    const own = guardOf({ guards: [lifted] });
    expect(railOf(own, "http://169.254.10.7/")).toBeUndefined();
    expect(railOf(own, "http://224.0.0.1/")).toBeUndefined();
    expect(railOf(own, "http://169.254.11.7/")).toBe("link-local, built in");
    const above = guardOf({ guards: [{ ...lifted, zone: "world" }] });
    expect(railOf(above, "http://169.254.10.7/")).toBe("link-local, built in");
    expect(railOf(guardOf({ planTargets: ["169.254.10.7"] }), "http://169.254.10.7/")).toBe(
      "link-local, built in",
    );
  });

  it("is not lifted by a name to which the script itself gave the address", () => {
    const guard = guardOf({ guards: [{ zone: "eu", allowDenied: ["printer.test"] }] });
    expect(railOf(guard, "http://printer.test/", "169.254.1.2")).toBeUndefined();
    expect(railOf(guard, "http://printer.test/", "169.254.169.254", true)).toBe("metadata, built in");
  });

  it("is denied where its address cannot be read", () => {
    expect(railOf(guardOf(), "http://a.test/", "nonsense")).toBe("unreadable, built in");
  });
});

describe("an allow-list", () => {
  const eu = guardOf({
    guards: [
      {
        zone: "eu",
        targets: ["*.shop.test", "api.test:8443", "https://pay.test", "10.1.0.0/16", "[fd00::1]:81"],
      },
    ],
  });

  it.each([
    ["http://a.shop.test/", "192.0.2.1"],
    ["http://A.B.SHOP.test./", "192.0.2.1"],
    ["https://api.test:8443/", "192.0.2.1"],
    ["https://pay.test/", "192.0.2.1"],
    ["http://10.1.2.3:9/", undefined],
    ["http://[::ffff:10.1.2.3]/", undefined],
    ["http://named.test/", "10.1.200.3"],
    ["http://[fd00::1]:81/", undefined],
  ])("lets %s through", (url, address) => {
    expect(railOf(eu, url, address)).toBeUndefined();
  });

  it.each([
    ["http://shop.test/", "192.0.2.1"],
    ["http://evilshop.test/", "192.0.2.1"],
    ["http://a.shop.test.evil.test/", "192.0.2.1"],
    ["https://api.test/", "192.0.2.1"],
    ["http://pay.test:443/", "192.0.2.1"],
    ["https://pay.test:444/", "192.0.2.1"],
    ["http://10.2.0.1/", undefined],
    ["http://named.test/", "10.2.0.1"],
    ["http://[fd00::1]/", undefined],
    ["http://127.0.0.1/", undefined],
  ])("keeps %s out", (url, address) => {
    expect(railOf(eu, url, address)).toBe("targets of zone eu");
  });

  it("of names alone answers before anything is looked up", () => {
    const names = guardOf({ guards: [{ zone: "eu", targets: ["shop.test"] }] });
    expect(railOf(names, "http://other.test/")).toBe("targets of zone eu");
    expect(railOf(eu, "http://other.test/")).toBeUndefined();
  });

  it("of an owner does not believe a name that the script's option hosts sends elsewhere; the script's own does", () => {
    expect(railOf(eu, "http://a.shop.test/", "192.0.2.1", true)).toBe("targets of zone eu");
    expect(railOf(eu, "http://a.shop.test/", "10.1.0.1", true)).toBeUndefined();
    const plan = guardOf({ planTargets: ["shop.test"] });
    expect(railOf(plan, "http://shop.test/", "192.0.2.1", true)).toBeUndefined();
  });

  it("of nothing lets nothing through, and every list must agree", () => {
    expect(railOf(guardOf({ guards: [{ zone: "eu", targets: [] }] }), "http://a.test/")).toBe(
      "targets of zone eu",
    );
    const both = guardOf({
      guards: [
        { zone: "world", targets: ["*.test"] },
        { zone: "eu", targets: ["*.shop.test"] },
      ],
      planTargets: ["a.shop.test"],
    });
    expect(railOf(both, "http://a.shop.test/", "192.0.2.1")).toBeUndefined();
    expect(railOf(both, "http://b.shop.test/", "192.0.2.1")).toBe("targets of the plan");
    expect(railOf(both, "http://a.test/", "192.0.2.1")).toBe("targets of zone eu");
    expect(railOf(both, "http://a.example/", "192.0.2.1")).toBe("targets of zone world");
  });
});

describe("an owner's denials", () => {
  it("come before what is allowed, by group, name and range", () => {
    const guard = guardOf({
      guards: [{ zone: "eu", targets: ["*"], deny: ["loopback", "*.internal", "10.9.0.0/16"] }],
    });
    expect(railOf(guard, "http://127.0.0.2/")).toBe("deny loopback of zone eu");
    expect(railOf(guard, "http://localhost/", "::1")).toBe("deny loopback of zone eu");
    expect(railOf(guard, "http://db.internal/")).toBe("deny *.internal of zone eu");
    expect(railOf(guard, "http://x.test/", "::ffff:10.9.1.1")).toBe("deny 10.9.0.0/16 of zone eu");
    expect(railOf(guard, "http://x.test/", "10.8.1.1")).toBeUndefined();
  });

  it("are told with what was asked for and where that leads", () => {
    const guard = guardOf({ guards: [{ zone: "eu", targets: ["10.0.0.0/8"] }] });
    const asked = { host: "a.test", port: 80, scheme: "http" as const, isRenamed: false };
    expect(guard.refusal({ ...asked, address: "192.0.2.1" })?.message).toBe(
      "a.test:80 (192.0.2.1) is refused: it is not among the targets of zone eu",
    );
    expect(guard.refusal({ ...asked, host: "fe80::1", address: "fe80::1" })?.message).toBe(
      "[fe80::1]:80 is refused: link-local, built in",
    );
  });
});
