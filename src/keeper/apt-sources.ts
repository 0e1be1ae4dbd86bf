/**
 * Reads the machine's own apt sources (one-line and deb822) and says in which suites of the same archives a newer
 * package may be looked for. Pure: takes texts, gives values; unknown fields are kept where trust depends on them.
 */

export interface AptSource {
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** Fields that decide trust, as deb822: Signed-By (possibly a key of many lines), Trusted, Check-Valid-Until ... */
  readonly trust: Readonly<Record<string, string>>;
}

export interface AptCandidate extends AptSource {
  readonly suites: readonly [string];
}

const trustFields = new Map(
  ["Signed-By", "Trusted", "Check-Valid-Until", "Check-Date", "Allow-Insecure"].map((name) => [
    name.toLowerCase(),
    name,
  ]),
);
const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== "");

/** Sources of a `.list` file. */
export function parseOneLineSources(text: string): AptSource[] {
  return text.split("\n").flatMap((line) => {
    const found = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)([^#]*)/.exec(line);
    if (found === null) return [];
    const [, options = "", uri = "", suite = "", components = ""] = found;
    const pairs = words(options).map((option) => option.split("=", 2) as [string, string]);
    return [{ uris: [uri], suites: [suite], components: words(components), trust: trustOf(pairs) }];
  });
}

/** Sources of a `.sources` file. */
export function parseDeb822Sources(text: string): AptSource[] {
  const paragraphs = text.replaceAll(/^#.*\n?/gm, "").split(/\n\s*\n/);
  return paragraphs.flatMap((paragraph) => {
    const fields = fieldsOf(paragraph);
    const field = (name: string): string[] => words(fields.get(name) ?? "");
    if (!field("types").includes("deb") || /^\s*(?:no|false|0)\s*$/i.test(fields.get("enabled") ?? ""))
      return [];
    const trust = trustOf(fields);
    return [{ uris: field("uris"), suites: field("suites"), components: field("components"), trust }];
  });
}

function fieldsOf(paragraph: string): Map<string, string> {
  const unfolded = paragraph.matchAll(/^([A-Za-z0-9-]+):((?:.*)(?:\n[ \t].*)*)/gm);
  return new Map(Array.from(unfolded, ([, name = "", value = ""]) => [name.toLowerCase(), value.trim()]));
}

function trustOf(pairs: Iterable<readonly [string, string]>): Record<string, string> {
  const trust: Record<string, string> = {};
  for (const [key, value] of pairs) {
    const name = trustFields.get(key.toLowerCase());
    if (name !== undefined) trust[name] = value;
  }
  return trust;
}

export interface Distribution {
  readonly id: string;
  readonly codename: string;
}

/** What /etc/os-release says about the machine; derivatives are taken for what they derive from. */
export function parseOsRelease(text: string): Distribution {
  const field = (name: string): string =>
    new RegExp(`^${name}=["']?([^"'\n]*)`, "m").exec(text)?.[1]?.toLowerCase() ?? "";
  const family = [field("ID"), ...words(field("ID_LIKE"))];
  const codename = field("UBUNTU_CODENAME") || field("DEBIAN_CODENAME") || field("VERSION_CODENAME");
  return { id: family.find((id) => id === "ubuntu" || id === "debian") ?? field("ID"), codename };
}

const debianSuites = ["unstable", "testing", "stable"];
const suitesNewestFirst = (distribution: Distribution): string[] =>
  distribution.id === "ubuntu" ? ["devel", distribution.codename] : [...debianSuites, distribution.codename];

/**
 * Where to look, newest suite first, in the archives that already serve this machine's own release and nowhere else:
 * a third party's repository is not asked for a distribution's package.
 */
export function newerCandidates(sources: readonly AptSource[], distribution: Distribution): AptCandidate[] {
  const own = new Set(
    [distribution.codename, "sid", "oldstable", "devel", ...debianSuites].filter((name) => name !== ""),
  );
  const archives = sources.filter(
    (source) => source.components.includes("main") && source.suites.some((suite) => own.has(suite)),
  );
  const suites = suitesNewestFirst(distribution).filter((suite) => suite !== "");
  return suites.flatMap((suite) => archives.map((archive) => candidate(archive, suite, distribution)));
}

function candidate(archive: AptSource, suite: string, distribution: Distribution): AptCandidate {
  const extra = distribution.id === "ubuntu" ? ["universe"] : [];
  return { ...archive, suites: [suite], components: ["main", ...extra] };
}

/** The candidate as a `.sources` file. */
export function deb822Of(candidate: AptCandidate): string {
  const { uris, suites, components } = candidate;
  const fields = { Types: "deb", URIs: uris.join(" "), Suites: suites[0], Components: components.join(" ") };
  const lines = Object.entries({ ...fields, ...candidate.trust }).map(
    ([name, value]) => `${name}: ${value}\n`,
  );
  return lines.join("");
}
