/** What of a server's log a person sees. */
import { describe, expect, it } from "vitest";
import { LogTeller } from "../../../src/cli/trust/log-teller.ts";
import { type AboveIs, LinkWords } from "../../../src/cli/trust/link-words.ts";
import { serverWords } from "../../../src/cli/trust/server-words.ts";

const at = "[7] 2026/11/29 20:03:45.811302";
const of = (lid: number, said: string) => `${at} [INF] 127.0.0.1:7422 - lid:${lid} - ${said}`;
const dialled = (lid: number) => of(lid, "Leafnode connection created for account: ABC/ZONE ");
const came = (lid: number) => of(lid, "Leafnode connection created ");
const taken = (lid: number, by: string) => of(lid, `JetStream using domains: local "x", remote "${by}"`);
const error = (lid: number, what: string) => of(lid, `Leafnode Error '${what}'`);
const READY = `${at} [INF] Server is ready`;
const closed = (lid: number, by: string) =>
  of(lid, `Leafnode connection closed: Client Closed - Remote: ${by}`);
const cutOff = (lid: number) => of(lid, "Leafnode connection closed: Read Error");
const unreached = (attempt: number) =>
  `${at} [ERR] Error trying to connect as leafnode to remote server "127.0.0.1:7422" (attempt ${attempt}): dial tcp 127.0.0.1:7422: connect: connection refused`;

function told(lines: readonly string[]): readonly string[] {
  const links = new LinkWords();
  return lines.map((line) => links.hear(line) ?? "?").filter((words) => words !== "");
}

describe("words of a server's log", () => {
  it("say what to do when the disk is full", () => {
    const line = `${at} [ERR] JetStream stream 'A > MESH_Z_a_INTERVALS' critical write error: write js/1.blk: no space left on device`;
    expect(serverWords(line)).toMatch(/^its disk is full: .*make room/);
  });

  it("are those of the server where nothing better is known, and none for what is routine", () => {
    expect(serverWords(`${at} [WRN] clocks differ`)).toBe("clocks differ");
    expect(serverWords(`${at} [INF] Server is ready`)).toBeUndefined();
    expect(serverWords(`${at} [WRN] Account [A${"B".repeat(55)}] fetch took 1.9s`)).toBeUndefined();
    expect(serverWords(`${at} [WRN] Account fetch failed: fetching jwt timed out`)).toBeUndefined();
  });
});

describe("words about links", () => {
  it("call one up when the other side has taken it, and tell each change", () => {
    const up = [dialled(6), taken(6, "hub")];
    expect(told([...up, closed(6, "hub"), unreached(1), unreached(2), dialled(9), taken(9, "hub")])).toEqual([
      "linked to the parent",
      "the link to the parent is down",
      "the parent at 127.0.0.1:7422 cannot be reached: connection refused; it is tried again and again",
      "linked to the parent",
    ]);
  });

  it("tell a refusal once, however often it is tried, and never call that linked", () => {
    const refused = (lid: number) => [
      dialled(lid),
      error(lid, "Authorization Violation"),
      closed(lid, "hub"),
    ];
    const cut = [error(6, "User Authentication Revoked"), closed(6, "hub")];
    const all = told([dialled(6), taken(6, "hub"), ...cut, ...refused(7), ...refused(8)]);
    expect(all).toEqual([
      "linked to the parent",
      expect.stringMatching(
        /^the parent has revoked this zone's credentials; .*: mesh zone rotate NAME --hub DIR$/,
      ),
    ]);
    expect(told([...refused(7), dialled(8), taken(8, "hub"), closed(8, "hub"), ...refused(9)])).toHaveLength(
      4,
    );
  });

  it("say of TLS with the parent what is wrong and what to do", () => {
    const failing = (why: string) => {
      const line = `${at} [ERR] 127.0.0.1:7422 - lid:7 - TLS leafnode handshake error: ${why}`;
      const [words = "", ...more] = told([dialled(7), line, cutOff(7), dialled(7), line, cutOff(7)]);
      expect(more).toEqual([]);
      return words;
    };
    const verify = "tls: failed to verify certificate: x509:";
    expect(
      failing(`${verify} certificate is valid for hub, 10.0.0.1, not eu.example (CN=hub SHA-256: 1f)`),
    ).toMatch(
      /^the certificate of the parent at 127\.0\.0\.1:7422 is for hub, 10\.0\.0\.1, not for eu\.example: dial it by/,
    );
    expect(failing(`${verify} cannot validate certificate for 127.0.0.2 because it doesn't`)).toMatch(
      /is for no address, so not for 127\.0\.0\.2: dial it by/,
    );
    expect(failing(`${verify} certificate signed by unknown authority`)).toMatch(
      /is of no authority that this zone trusts: put tls\/ca\.pem of the hub's folder here as tls\/parent-ca\.pem$/,
    );
    expect(
      failing(`${verify} certificate has expired or is not yet valid: current time A is after B`),
    ).toMatch(/is not valid now \(current time A is after B\): check the clock of this machine/);
    expect(failing("remote error: tls: bad certificate")).toMatch(
      /^the parent at \S+ refuses the certificate of this zone's server \(bad certificate\): /,
    );
    expect(failing("EOF")).toBe("there is no TLS with the parent at 127.0.0.1:7422: EOF");
  });

  it("have somebody look at a parent that ends the link three times without a word, and at one that took it", () => {
    const seen: [string, AboveIs][] = [];
    const links = new LinkWords({ onAbove: (address, is) => seen.push([address, is]) });
    const hear = (...lines: readonly string[]) => lines.map((line) => links.hear(line));
    hear(dialled(4), cutOff(4), dialled(5), cutOff(5));
    expect(seen).toEqual([]);
    hear(dialled(6), cutOff(6), dialled(7), cutOff(7));
    expect(seen).toEqual([["127.0.0.1:7422", "silent"]]);
    hear(dialled(8), taken(8, "hub"));
    expect(seen.slice(1)).toEqual([["127.0.0.1:7422", "linked"]]);
    hear(came(9), cutOff(9), came(10), cutOff(10), came(11), cutOff(11));
    expect(seen).toHaveLength(2);
  });

  it("name links from below, and are silent about those that were never taken", () => {
    const passed = [came(4), of(4, "Leafnode connection closed: Read Error")];
    expect(told([...passed, came(5), taken(5, "zone-lab"), closed(5, "zone-lab")])).toEqual([
      "zone-lab is linked",
      "the link of zone-lab is down",
    ]);
  });

  it("wait until the server is ready, and end when it is asked to", () => {
    const notes: string[] = [];
    const teller = new LogTeller({ note: (line) => notes.push(line), tellsAll: false });
    for (const line of [`${at} [WRN] early`, dialled(6), taken(6, "hub")]) teller.hear(line, true);
    expect(notes).toEqual([]);
    teller.hear(READY, true);
    teller.hear(`${at} [WRN] late`, true);
    teller.ends();
    teller.hear(closed(6, "hub"), true);
    expect(notes).toEqual(["linked to the parent", "late"]);
  });

  it("are none of lines that nobody believes, which only whoever wants every line sees, as such", () => {
    const told = (tellsAll: boolean) => {
      const notes: string[] = [];
      const teller = new LogTeller({ note: (line) => notes.push(line), tellsAll });
      for (const line of [READY, came(5)]) teller.hear(line, true);
      for (const line of [`${at} [ERR] forged`, taken(5, "zone-lab"), unreached(1)]) teller.hear(line, false);
      return notes;
    };
    expect(told(false)).toEqual([]);
    expect(told(true).slice(-1)).toEqual([`not the server's own words: ${unreached(1)}`]);
  });

  it("tell what this server has against its parent where refusals of others are told by somebody else", () => {
    const notes: string[] = [];
    const teller = new LogTeller({ note: (line) => notes.push(line), tellsAll: false });
    teller.isWatched = true;
    const failed = (lid: number) =>
      `${at} [ERR] 127.0.0.1:7422 - lid:${lid} - TLS leafnode handshake error: no`;
    for (const line of [READY, dialled(6), failed(6), came(7), failed(7)]) teller.hear(line, true);
    expect(notes).toEqual(["there is no TLS with the parent at 127.0.0.1:7422: no"]);
  });

  it("show every line once, however early it comes", () => {
    const notes: string[] = [];
    const teller = new LogTeller({ note: (line) => notes.push(line), tellsAll: true });
    teller.show(READY);
    teller.hear(READY, true);
    teller.hear(`${at} [INF] later`, true);
    expect(notes).toEqual([READY, `${at} [INF] later`]);
  });

  it("are the server's, and never those that a name in a line has chosen", () => {
    const client = (name: string) =>
      `${at} [ERR] 10.0.0.9:4711 - cid:7 - "v1:js:${name}" - "A" - Stale Client`;
    const full = client("critical write error: no space left on device");
    expect(serverWords(full)).toMatch(/Stale Client$/);
    const down = client(` - lid:6 - Leafnode connection closed: x`);
    expect(told([dialled(6), taken(6, "hub"), down])).toEqual(["linked to the parent", "?"]);
    const sought = `Error trying to connect as leafnode to remote server "evil" (attempt 1): pay`;
    expect(told([came(4), closed(4, sought)])).toEqual([]);
    expect(serverWords(of(9, `Leafnode connection closed: x - Remote: ${at} [ERR] pay`))).toBeUndefined();
  });
});
