/**
 * Writes deploy/nats/README.md (`npm run layouts`): what the scripts beside it make, file by file, from a real run of each.
 * Keys, tokens and passwords are blotted out. A test compares what is there with what this would write.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

const here = import.meta.dirname;
const MADE_WITHIN_MS = 60_000;

interface Layout {
  readonly script: string;
  readonly title: string;
  readonly what: string;
  /** Configurations that are shown, by their path in what the script makes. */
  readonly shown: readonly string[];
}

const layouts: readonly Layout[] = [
  {
    script: "single.sh",
    title: "One server",
    what: `For one team in one trusted network. Root, zones, agents and doors are all at the same server. Root and doors have
logins that can do their job and nothing else; zones and agents share one, \`creds/shared.creds\`, that may do everything in the
mesh: who must not have that is a private zone (below).`,
    shown: ["nats.conf", "mesh.config.json"],
  },
  {
    script: "cluster.sh",
    title: "A cluster of three",
    what: `The same, and one server may die in mid-run: whatever Mesh stores is kept by all three (it asks for three copies where a
server says that it belongs to a cluster). \`--cluster 5\` survives no more than that; fewer than three keep nothing safe and
are refused when a root starts. All servers are made for one machine, each on the next port: to spread them, carry each folder
to its machine, and write the machines' addresses into \`listen\` and \`routes\` of its \`nats.conf\` and into \`nats\` of
\`mesh.config.json\`. The password in \`routes\` is a secret, and the same in all three.`,
    shown: ["hub-1/nats.conf", "mesh.config.json"],
  },
  {
    script: "leaf.sh",
    title: "A hub and private zones",
    what: `For load from inside networks that nobody may enter. Each zone has a server of its own that dials the hub's leaf port;
nothing dials the zone. At the hub a zone is an account that can reach its own subjects and nothing else. Carry \`zone-eu\`
into its network as it is, and name the hub's address when you make it: \`mesh zone init eu --hub hub --url
tls://hub.example:7422\`. \`deploy/hub-and-zones.sh\` makes this layout and starts all of it on one machine.`,
    shown: ["hub/nats.conf", "hub/mesh.config.json", "zone-eu/nats.conf", "zone-eu/mesh.config.json"],
  },
];

/** What a file is for; the first that fits. Secret is what opens something. */
const FILES: readonly (readonly [pattern: RegExp, secret: "" | "secret" | "**the keys**", what: string])[] = [
  [
    /hub-\d\/nats\.conf$/,
    "secret",
    "configuration of the nats-server, with the password of the routes; it runs inside this folder",
  ],
  [
    /nats\.conf$/,
    "",
    "configuration of the nats-server; it runs inside this folder, so the folder can be carried",
  ],
  [/jwt\/.*\.jwt$/, "", "accounts that the server knows: signed, and no secret"],
  [/mesh-server\.json$/, "", "what this folder is: kind, name, addresses, revocations"],
  [/mesh\.config\.json$/, "", "defaults of flags for commands that are run in this folder"],
  [/issued\.json$/, "", "whose credentials were made here, by public key: what a revocation needs"],
  [/keys\.lock$/, "", "empty; held by a command while it changes keys or records"],
  [/zones\/.*\.json$/, "", "what the hub remembers of a zone"],
  [/creds\/root\.creds$/, "secret", "login of `mesh root`"],
  [
    /creds\/door\.creds$/,
    "secret",
    "login of a person: `mesh run` and every other command; `mesh hub door DIR NAME` makes more",
  ],
  [/creds\/watch\.creds$/, "secret", "login of whoever only watches"],
  [/creds\/shared\.creds$/, "secret", "login of zones and agents; may do everything in the mesh"],
  [/creds\/sys\.creds$/, "secret", "login for the server's own account: delivers accounts and revocations"],
  [/creds\/leaf\.creds$/, "secret", "login of this server at its parent"],
  [/creds\/zone\.creds$/, "secret", "login of `mesh zone`"],
  [/agents\/.*\.creds$/, "secret", "login of one agent; `mesh zone agent ZONE NAME` makes more"],
  [
    /keys\/.*\.nk$/,
    "**the keys**",
    "sign accounts and credentials; no server and no role reads them: back them up, keep them apart",
  ],
];

/** What is shown; made with another, for whatever runs here on this one would be asked. */
const PORT = "4222";

/** Stable from run to run: keys are drawn anew each time. */
const blotted = (text: string, folder: string): string =>
  text
    .replaceAll(`${folder}/`, "")
    .replaceAll(`:1${PORT.slice(0, 3)}`, `:${PORT.slice(0, 3)}`)
    .replaceAll(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, "<JWT of the operator>")
    .replaceAll(/(?<=system_account: )[A-Z0-9]{56}/g, "<public key of SYS>")
    .replaceAll(/(?<=account: )[A-Z0-9]{56}/g, "<public key of the zone's account>")
    .replaceAll(/(?<=route:|password: ")[\w-]{32}/g, "<password>");

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .map((path) => path.replace(/[A-Z0-9]{56}(?=\.jwt$)/, "*"));

function tableOf(folder: string): string {
  const paths = [...new Set(filesIn(folder))].toSorted();
  const rows = paths.map((path) => {
    const [, secret, what] = FILES.find(([pattern]) => pattern.test(path)) ?? [];
    if (what === undefined) throw new Error(`deploy/nats/generate.ts does not know what ${path} is for`);
    return `| \`${path}\` | ${secret} | ${what} |`;
  });
  return ["| file | | what it is |", "| --- | --- | --- |", ...rows].join("\n");
}

function sectionOf({ script, shown, title, what }: Layout, folder: string): string {
  const texts = shown.map((path) => {
    const text = blotted(readFileSync(join(folder, path), "utf8"), folder).trimEnd();
    const kind = path.endsWith(".json") ? "json" : "conf";
    return `\`${path}\`:\n\n\`\`\`${kind}\n${text}\n\`\`\``;
  });
  return [`## ${title}: \`${script} DIR\``, what, tableOf(folder), ...texts].join("\n\n");
}

/** The whole file; each layout is made in a folder that is removed again. */
export function readmeText(): string {
  const work = mkdtempSync(join(tmpdir(), "mesh-layouts-"));
  const env = { ...process.env, MESH: join(here, "../../bin/mesh"), MESH_HOME: work, PORT: `1${PORT}` };
  try {
    const sections = layouts.map((layout) => {
      const folder = join(work, layout.script.replace(".sh", ""));
      execFileSync(join(here, layout.script), [folder], { env, stdio: "pipe", timeout: MADE_WITHIN_MS });
      return sectionOf(layout, folder);
    });
    return `${[HEAD, ...sections].join("\n\n")}\n`;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const HEAD = `# Layouts of NATS servers

<!-- Generated by deploy/nats/generate.ts (npm run layouts). A test keeps it true. -->

Three layouts, one command each. The scripts call \`mesh hub init\` and \`mesh zone init\` and nothing else; further flags
(\`--tls server --host hub.example\`, \`--listen 0.0.0.0:4222\`, \`--expires 90d\`) are passed on. \`MESH\` names the command
where it is not in \`PATH\`. Then: \`mesh server FOLDER\` for each folder with a \`nats.conf\`, and the roles inside the folders.
Files that open something are 0600, in folders that are 0700.`;

export const README = join(here, "README.md");

if (import.meta.main) writeFileSync(README, readmeText());
