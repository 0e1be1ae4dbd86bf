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
  /** No flag: the environment or the config file names the files. */
  tls?: MeshConfig["tls"] | undefined;
}

/** A config file whose credentials are settled for one command. */
type Settled = Omit<MeshConfig, "creds"> & { readonly creds?: string | undefined };

/** Roles have credentials of their own; every other command is a door. */
export function credsFor(command: string | undefined, { creds }: MeshConfig): string | undefined {
  if (creds === undefined || typeof creds === "string") return creds;
  return command === "root" || command === "zone" || command === "agent" ? creds[command] : creds.door;
}

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
function valuesOf({ agents, context, creds, history, nats, zones }: Settled): Record<string, unknown> {
  return {
    agents,
    context,
    creds,
    history,
    nats,
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
  const rank = (name: "nats" | "context" | "creds") =>
    SOURCES.indexOf(sourceOf(name, definitions[name]?.env, argv, config));
  const isTyped = (name: "nats" | "context" | "creds") => SOURCES[rank(name)] === "the command line";
  const { context } = flags;
  delete flags.context;
  flags.tls = tlsFiles(config, SOURCES[rank("nats")]);
  const creds = isTyped("creds") && flags.creds !== undefined ? ["--creds", flags.creds] : [];
  const nats = isTyped("nats") && flags.nats !== undefined ? ["--nats", shownUrl(flags.nats)] : [];
  if (context === undefined || context === "" || rank("nats") > rank("context")) return [...nats, ...creds];
  if (rank("nats") === rank("context")) throw contradiction(SOURCES[rank("nats")] ?? "nowhere");
  const found = readContext(context);
  flags.nats = found.nats;
  if (rank("creds") < rank("context")) flags.creds = found.creds;
  return [...(isTyped("context") ? ["--context", context] : []), ...creds];
}

/** The environment's files count for any server, those of the config file for the server that it names. */
function tlsFiles({ tls }: Settled, nats: Source | undefined): WhereFlags["tls"] {
  const { MESH_TLS_CA: ca, MESH_TLS_CERT: cert, MESH_TLS_KEY: key } = process.env;
  const given = Object.entries({ ca, cert, key }).filter(([, file]) => file !== undefined && file !== "");
  if (given.length > 0) return Object.fromEntries(given);
  return nats === "the config file" ? tls : undefined;
}

function sourceOf(
  name: "nats" | "context" | "creds",
  env: string | undefined,
  argv: readonly string[],
  config: Settled,
): Source {
  if (argv.some((word) => word === `--${name}` || word.startsWith(`--${name}=`))) return "the command line";
  if (env !== undefined && (process.env[env] ?? "") !== "") return "the environment";
  return config[name] === undefined ? "nowhere" : "the config file";
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
