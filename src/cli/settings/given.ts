/**
 * Where the value of a flag comes from: the command line wins over the environment, that over `mesh.config.ts`. Also
 * settles the one contradiction between flags that every command has, `--nats` and `--context`.
 */
import type { MeshConfig } from "../../script/config.ts";
import { shownUrl } from "../../domain/server-url.ts";
import { exitCode, Failure } from "../exit-codes.ts";
import { readContext } from "./nats-context.ts";

/** Later ones win. */
const SOURCES = ["nowhere", "the config file", "the environment", "the command line"] as const;
type Source = (typeof SOURCES)[number];

/** Flags of every command that say where the mesh is. */
export interface WhereFlags {
  nats?: string | undefined;
  creds?: string | undefined;
  context?: string | undefined;
  /** No flag: what `--tls-ca` and its kin come to. */
  tlsFiles?: TlsNames | undefined;
  /** No flag either: a zone's credentials, where its folder has none for who asks, and nothing else is named. */
  zoneCreds?: string | undefined;
}

/** Files by what they are for. */
type TlsNames = NonNullable<MeshConfig["tls"]>;
const TLS = ["ca", "cert", "key"] as const;
type WhereFlag = "nats" | "context" | "creds" | `tls-${(typeof TLS)[number]}`;

/** A config file whose credentials are settled for one command. */
type Settled = Omit<MeshConfig, "creds" | "parent"> & {
  readonly creds?: string | undefined;
  readonly parent?: string | undefined;
  readonly zoneCreds?: string | undefined;
};

/** Roles have credentials of their own; every other command is a door. */
export function credsFor(command: string | undefined, { creds }: MeshConfig): string | undefined {
  if (creds === undefined || typeof creds === "string") return creds;
  // Whoever looks for what is wrong looks with what there is: a zone's folder has no door.
  if (command === "doctor") return creds.door ?? creds.zone ?? creds.agent;
  return command === "root" || command === "zone" || command === "agent" ? creds[command] : creds.door;
}

/** The zone's own credentials in a file that names some by role, and none for a door: a zone's folder. */
export const zoneCredsIn = ({ creds }: MeshConfig) => ({
  zoneCreds: typeof creds === "object" && creds.door === undefined ? creds.zone : undefined,
});

/** Other commands mean a folder by a flag of that name. */
export const parentFor = (command: string | undefined, { parent }: MeshConfig) =>
  command === "zone" && parent !== undefined ? { parent } : { parent: undefined };

type FlagDefinitions = Readonly<Record<string, { readonly env?: string | undefined }>>;

/** The same flags, with the config file's values where nothing else is said. */
export function withDefaults<F extends object>(flags: F | undefined, config: Settled): F | undefined {
  if (flags === undefined) return undefined;
  const values = valuesOf(config);
  const entries = Object.entries(flags).map(([name, flag]) => {
    const value = values[name];
    return [name, value === undefined ? flag : { ...(flag as object), default: value }];
  });
  return Object.fromEntries(entries) as F;
}

/** Maps and reporters are read by the commands themselves: what is given adds to them, or wins by rules of its own. */
function valuesOf({
  agents,
  context,
  creds,
  history,
  nats,
  parent,
  zones,
}: Settled): Record<string, unknown> {
  return {
    agents,
    context,
    creds,
    history,
    nats,
    parent,
    zones: zones === undefined || typeof zones === "string" ? zones : weights(zones),
  };
}

const weights = (zones: Readonly<Record<string, number>>): string =>
  Object.entries(zones)
    .map(([zone, weight]) => `${zone}=${weight}`)
    .join(",");

/**
 * Puts a context's address in place of its name, unless an address was given that wins over it. Returns the flags that say
 * the same in another command of this folder and shell: those of the command line, without a password.
 */
export function settleWhere(
  flags: WhereFlags,
  definitions: FlagDefinitions,
  argv: readonly string[],
  config: Settled,
): readonly string[] {
  const sourceOf = (name: WhereFlag) => sourceIn(name, definitions[name]?.env, argv, config);
  const rank = (name: WhereFlag) => SOURCES.indexOf(sourceOf(name));
  const isTyped = (name: WhereFlag) => sourceOf(name) === "the command line";
  const { context } = flags;
  delete flags.context;
  const given = tlsGiven(flags, (name) => rank(name) > SOURCES.indexOf("the config file"));
  const isConfigured = sourceOf("nats") === "the config file";
  if (isConfigured && flags.creds === undefined) flags.zoneCreds = config.zoneCreds;
  flags.tlsFiles = together(isConfigured ? config.tls : undefined, given);
  const files = typed(flags, isTyped);
  const nats = isTyped("nats") && flags.nats !== undefined ? ["--nats", shownUrl(flags.nats)] : [];
  if (context === undefined || context === "" || rank("nats") > rank("context")) return [...nats, ...files];
  if (rank("nats") === rank("context")) throw contradiction(SOURCES[rank("nats")] ?? "nowhere");
  const found = readContext(context);
  flags.nats = found.nats;
  if (rank("creds") < rank("context")) flags.creds = found.creds;
  flags.tlsFiles = together(found.tls, given);
  return [...(isTyped("context") ? ["--context", context] : []), ...files];
}

/** Each file of whoever named the server, unless the command line or the environment names another one. */
function together(own: TlsNames | undefined, given: TlsNames | undefined): TlsNames | undefined {
  return own === undefined ? given : { ...own, ...given };
}

/** Files that the command line or the environment names count for any server. */
function tlsGiven(flags: WhereFlags, isGiven: (name: WhereFlag) => boolean): TlsNames | undefined {
  const files = TLS.flatMap((kind) => {
    const file = fileIn(flags, `tls-${kind}`);
    return isGiven(`tls-${kind}`) && file !== undefined ? [[kind, file] as const] : [];
  });
  return files.length === 0 ? undefined : Object.fromEntries(files);
}

/** The files of the command line, as another command takes them. */
const typed = (flags: WhereFlags, isTyped: (name: WhereFlag) => boolean): readonly string[] =>
  (["creds", ...TLS.map((kind) => `tls-${kind}` as const)] as const).flatMap((name) => {
    const file = fileIn(flags, name);
    return isTyped(name) && file !== undefined ? [`--${name}`, file] : [];
  });

const fileIn = (flags: WhereFlags, name: WhereFlag): string | undefined =>
  (flags as Readonly<Record<string, string | undefined>>)[name];

function sourceIn(
  name: WhereFlag,
  env: string | undefined,
  argv: readonly string[],
  config: Settled,
): Source {
  if (argv.some((word) => word === `--${name}` || word.startsWith(`--${name}=`))) return "the command line";
  if (env !== undefined && (process.env[env] ?? "") !== "") return "the environment";
  const isConfigured = name in config && config[name as keyof Settled] !== undefined;
  return isConfigured ? "the config file" : "nowhere";
}

const contradiction = (source: Source): Failure =>
  new Failure(
    exitCode.usage,
    "Usage",
    `${source} names both a server (nats) and a NATS context, and they may differ`,
    "keep one of the two",
  );

/** The file that `--config` names: it is needed before the command line is read. */
export function configNamed(argv: readonly string[]): string | undefined {
  const own = argv.includes("--") ? argv.slice(0, argv.indexOf("--")) : argv;
  const at = own.findIndex((word) => word === "--config");
  const inline = own.find((word) => word.startsWith("--config="))?.slice("--config=".length);
  const given = inline ?? (at < 0 ? undefined : own[at + 1]) ?? process.env["MESH_CONFIG"];
  return given === "" ? undefined : given;
}
