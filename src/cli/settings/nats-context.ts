/**
 * NATS contexts by name, as the `nats` command keeps them: `~/.config/nats/context/NAME.json`. Only what our connections
 * can use is read; a context that needs more is refused by name, never half obeyed.
 */
import { readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { nearest } from "../../domain/plan/nearest.ts";
import { exitCode, Failure } from "../exit-codes.ts";

/** What a context comes to: the flags that it stands for. */
export interface ContextFlags {
  /** With userinfo where the context has a user or a token. */
  readonly nats: string;
  /** A `.creds` or NKey seed file. */
  readonly creds: string | undefined;
  /** PEM files. */
  readonly tls: Readonly<Partial<Record<"ca" | "cert" | "key", string>>> | undefined;
}

/** Fields that would change how a connection is made, and that Mesh cannot honour. */
const REFUSED = ["nsc", "socks_proxy", "user_jwt", "user_seed", "jetstream_domain", "jetstream_api_prefix"];

export const contextFolder = (): string =>
  join(process.env["XDG_CONFIG_HOME"] || join(homedir(), ".config"), "nats", "context");

/** Throws a usage failure where there is no such context, or one that cannot be used. */
export function readContext(name: string): ContextFlags {
  const file = join(contextFolder(), `${name}.json`);
  const fields = parse(name, file);
  const text = (field: string): string => {
    const value = fields[field];
    return typeof value === "string" ? value : "";
  };
  const refused = REFUSED.find((field) => text(field) !== "");
  if (refused !== undefined) throw unusable(name, `sets ${refused}, which Mesh does not use`, file);
  if (fields["tls_first"] === true) throw unusable(name, "sets tls_first, which Mesh does not use", file);
  if (text("url") === "") throw unusable(name, "has no url", file);
  const fileAt = (...names: readonly string[]): string | undefined => {
    const named = names.map(text).find((each) => each !== "");
    return named === undefined ? undefined : expanded(named);
  };
  const login = { user: text("user") || text("token"), password: text("password") };
  const tls = ["ca", "cert", "key"].flatMap((kind) => {
    const file = fileAt(kind);
    return file === undefined ? [] : [[kind, file] as const];
  });
  return {
    nats: withLogin(text("url"), login),
    creds: fileAt("creds", "nkey"),
    tls: tls.length === 0 ? undefined : Object.fromEntries(tls),
  };
}

function parse(name: string, file: string): Readonly<Record<string, unknown>> {
  let text: string;
  try {
    if (name.includes("/")) throw new Error("a context is a name, not a path");
    text = readFileSync(file, "utf8");
  } catch {
    throw noContext(name);
  }
  const fields = json(text);
  if (typeof fields === "object" && fields !== null) return fields as Readonly<Record<string, unknown>>;
  throw unusable(name, "is no JSON object", file);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function noContext(name: string): Failure {
  const known = namesIn(contextFolder());
  const meant = nearest(name, known);
  const all = known.length === 0 ? `none are kept in ${contextFolder()}` : `known: ${known.join(", ")}`;
  const hint = meant === undefined ? `${all} (nats context add makes one)` : `did you mean ${meant}? ${all}`;
  return new Failure(exitCode.usage, "NoContext", `there is no NATS context ${JSON.stringify(name)}`, hint);
}

function namesIn(folder: string): readonly string[] {
  try {
    const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
    return files.map((file) => file.slice(0, -".json".length)).toSorted();
  } catch {
    return [];
  }
}

const unusable = (name: string, why: string, hint: string): Failure =>
  new Failure(exitCode.usage, "UnusableContext", `the NATS context ${JSON.stringify(name)} ${why}`, hint);

/** Several servers may stand in one url, separated by commas; each gets the login. */
function withLogin(url: string, { password, user }: { user: string; password: string }): string {
  if (user === "") return url;
  const login = `${encodeURIComponent(user)}${password === "" ? "" : `:${encodeURIComponent(password)}`}@`;
  const one = (server: string) => {
    const [scheme, host] = server.includes("://") ? server.split("://") : ["nats", server];
    return `${scheme}://${login}${host}`;
  };
  return url
    .split(",")
    .map((server) => one(server.trim()))
    .join(",");
}

const expanded = (file: string): string => (file.startsWith("~/") ? join(homedir(), file.slice(2)) : file);
