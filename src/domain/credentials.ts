/**
 * What a `.creds` file says about whoever holds it: a name, a role and the zone, read from the JWT inside. Nothing is
 * verified here; servers do that. Pure.
 */

/** Tags by which our own credentials say whose they are; foreign ones have none. */
export const tagsOf = (claims: { readonly role: string; readonly zone?: string; readonly agent?: string }) =>
  (["role", "zone", "agent"] as const).flatMap((key) =>
    claims[key] === undefined ? [] : [`mesh-${key}:${claims[key]}`],
  );

export interface Credentials {
  /** The user's name: `root`, `door-ann`, `zone-eu`, `agent-eu-1`. */
  readonly name: string;
  /** Public key: what a revocation names. */
  readonly publicKey: string;
  /** Undefined where they were not made by Mesh. */
  readonly role: string | undefined;
  readonly zone: string | undefined;
  readonly agent: string | undefined;
  /** Seconds since the Unix epoch. */
  readonly issuedAtS: number;
  /** Undefined: they never expire. */
  readonly expiresAtS: number | undefined;
}

const JWT = /-----BEGIN NATS USER JWT-----\r?\n(\S+)\r?\n/;

interface Claims {
  readonly name?: string;
  readonly sub?: string;
  readonly iat?: number;
  readonly exp?: number;
  readonly nats?: { readonly tags?: readonly string[] };
}

/** Undefined where the text is no credentials file: an NKey seed, for one. */
export function readCredentials(text: string): Credentials | undefined {
  const [, body] = JWT.exec(text)?.[1]?.split(".") ?? [];
  const claims = body === undefined ? undefined : parse(body);
  if (claims === undefined) return undefined;
  const tags = claims.nats?.tags ?? [];
  const tag = (key: string) => tags.find((each) => each.startsWith(`mesh-${key}:`))?.slice(key.length + 6);
  return {
    name: claims.name ?? "",
    publicKey: claims.sub ?? "",
    role: tag("role"),
    zone: tag("zone"),
    agent: tag("agent"),
    issuedAtS: claims.iat ?? 0,
    expiresAtS: claims.exp,
  };
}

function parse(body: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(body, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Who makes new ones, and how. Those of a link come from its upper end. */
export function renewal({ role, zone }: Pick<Credentials, "role" | "zone">): string {
  if (zone === undefined) return "ask whoever keeps the hub's folder for new ones (mesh hub rotate DIR)";
  return role === "leaf"
    ? `ask whoever keeps the hub's folder for new ones (mesh zone rotate ${zone} --hub DIR)`
    : `ask whoever keeps the zone's folder for new ones (mesh zone rotate ${zone})`;
}
