/** The reading of apt sources, on texts as real machines have them. Touches no file of this machine. */
import { describe, expect, it } from "vitest";
import {
  deb822Of,
  newerCandidates,
  parseDeb822Sources,
  parseOneLineSources,
  parseOsRelease,
} from "../../../src/keeper/apt-sources.ts";

const bookworm = { id: "debian", codename: "bookworm" };
const container = `Types: deb
# http://snapshot.debian.org/archive/debian/20250520T000000Z
URIs: http://deb.debian.org/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://deb.debian.org/debian-security
Suites: bookworm-security
Components: main
`;

describe("apt sources", () => {
  it("read deb822 paragraphs, comments inside them left out", () => {
    expect(parseDeb822Sources(container)).toEqual([
      {
        uris: ["http://deb.debian.org/debian"],
        suites: ["bookworm", "bookworm-updates"],
        components: ["main"],
        trust: { "Signed-By": "/usr/share/keyrings/debian-archive-keyring.gpg" },
      },
      {
        uris: ["http://deb.debian.org/debian-security"],
        suites: ["bookworm-security"],
        components: ["main"],
        trust: {},
      },
    ]);
  });

  it("leave out disabled and source-only paragraphs", () => {
    const disabled = container.replace("Types: deb", "Types: deb\nEnabled: no");
    expect(parseDeb822Sources(disabled).map(({ suites }) => suites)).toEqual([["bookworm-security"]]);
    expect(parseDeb822Sources(container.replaceAll("Types: deb", "Types: deb-src"))).toEqual([]);
  });

  it("keep a key that is written out in the source, and write it back", () => {
    const key = "\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINBF\n -----END PGP PUBLIC KEY BLOCK-----";
    const [source] = parseDeb822Sources(
      `Types: deb\nURIs: http://a/\nSuites: sid\nComponents: main\nSigned-By:${key}\n`,
    );
    const written = deb822Of({
      uris: ["http://a/"],
      suites: ["testing"],
      components: ["main"],
      trust: source!.trust,
    });
    expect(parseDeb822Sources(written)[0]?.trust).toEqual(source!.trust);
    expect(source?.trust["Signed-By"]).toContain(" mQINBF\n");
  });

  it("read one-line sources with options, comments and several components", () => {
    const text = `# deb http://no/ bookworm main
deb [arch=amd64 signed-by=/k.gpg] http://mirror/debian trixie main contrib # near
deb-src http://mirror/debian trixie main
deb http://other/debian sid main
`;
    expect(parseOneLineSources(text)).toEqual([
      {
        uris: ["http://mirror/debian"],
        suites: ["trixie"],
        components: ["main", "contrib"],
        trust: { "Signed-By": "/k.gpg" },
      },
      { uris: ["http://other/debian"], suites: ["sid"], components: ["main"], trust: {} },
    ]);
  });
});

describe("apt candidates", () => {
  const suitesOf = (candidates: ReturnType<typeof newerCandidates>) =>
    candidates.map(({ uris, suites }) => `${uris.join()} ${suites[0]}`);

  it("go from the newest suite to the machine's own, in its own archive only", () => {
    const others = parseOneLineSources(`deb https://packages.example/apt cloud-sdk-bookworm main
deb https://deb.nodesource.example/node_20.x nodistro main
deb https://download.docker.example/linux/debian bookworm stable`);
    const found = newerCandidates([...parseDeb822Sources(container), ...others], bookworm);
    expect(suitesOf(found)).toEqual([
      "http://deb.debian.org/debian unstable",
      "http://deb.debian.org/debian testing",
      "http://deb.debian.org/debian stable",
      "http://deb.debian.org/debian bookworm",
    ]);
    expect(found[0]?.trust).toEqual({ "Signed-By": "/usr/share/keyrings/debian-archive-keyring.gpg" });
  });

  it("ask Ubuntu for universe, where the server is", () => {
    const noble = parseOsRelease(
      'ID=linuxmint\nID_LIKE="ubuntu debian"\nUBUNTU_CODENAME=noble\nVERSION_CODENAME=wilma\n',
    );
    expect(noble).toEqual({ id: "ubuntu", codename: "noble" });
    const found = newerCandidates(parseOneLineSources("deb http://archive/ubuntu noble main"), noble);
    expect(found.map(({ suites, components }) => [suites[0], ...components])).toEqual([
      ["devel", "main", "universe"],
      ["noble", "main", "universe"],
    ]);
  });

  it("are none where the machine has no apt", () => {
    expect(newerCandidates([], parseOsRelease("ID=alpine\n"))).toEqual([]);
  });
});
