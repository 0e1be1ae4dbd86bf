/**
 * The JWTs that NATS servers believe: operators, accounts and users. Rights come from `streams/permissions.ts` and stand
 * in the account, once per role, behind a signing key of its own: credentials stay small, and new rights need no new ones.
 */
import * as jwt from "@nats-io/jwt";
import { type LinkGrant, linkGrants } from "../../streams/leaf.ts";
import { type Holder, permissionsOf, type Principal } from "../../streams/permissions.ts";
import { tagsOf } from "../domain/credentials.ts";
import type { Key } from "./keys.ts";

const UNLIMITED = -1;
const open = { subs: UNLIMITED, data: UNLIMITED, payload: UNLIMITED } as const;
const account = {
  ...open,
  imports: UNLIMITED,
  exports: UNLIMITED,
  wildcards: true,
  conn: UNLIMITED,
  leaf: UNLIMITED,
} as const;
/** What an account may store is bounded by its server's disk, not here. */
const jetstream = {
  mem_storage: UNLIMITED,
  disk_storage: UNLIMITED,
  streams: UNLIMITED,
  consumer: UNLIMITED,
} as const;

/** How anybody but a zone's server may connect: credentials of a client open no leaf link. */
const CLIENTS = ["STANDARD", "WEBSOCKET"] as const;

export type Revocations = Readonly<Record<string, number>>;
/** Signing keys by the role that they give. */
export type Signers = Partial<Record<Principal, Key>>;

export const operatorClaims = (name: string, operator: Key, system: Key): Promise<string> =>
  jwt.encodeOperator(name, operator.pair, { system_account: system.publicKey });

export const systemClaims = (operator: Key, system: Key, revocations: Revocations): Promise<string> =>
  jwt.encodeAccount("SYS", system.pair, { limits: account, revocations }, { signer: operator.pair });

export interface MainAccount {
  /** `MESH` at the hub, `ZONE` at a zone. */
  readonly name: string;
  readonly account: Key;
  readonly signers: Signers;
  readonly holder: Holder;
  /** The zone that owns this server; undefined at the hub. Inner zones link to it. */
  readonly zone: string | undefined;
  readonly revocations: Revocations;
}

/** The account in which the mesh lives at one server: it has JetStream, and exports what links may ask of it. */
export const mainClaims = (operator: Key, main: MainAccount): Promise<string> =>
  jwt.encodeAccount(
    main.name,
    main.account.pair,
    {
      limits: { ...account, ...jetstream },
      exports: exportsFor(main.zone),
      signing_keys: scopesOf(main.signers, main.holder),
      revocations: main.revocations,
    },
    { signer: operator.pair },
  );

/** One export per wildcard, whatever the number of zones: a new zone changes nothing here. */
function exportsFor(parent: string | undefined): jwt.Exports {
  const grants = linkGrants("any", parent);
  const wildcards = [...new Set(grants.map(({ exported }) => exported))];
  return wildcards.map((subject) => {
    const same = grants.filter(({ exported }) => exported === subject);
    const many = same.some(({ answers }) => answers === "many");
    const type = same[0]?.kind ?? "service";
    return {
      name: subject,
      subject,
      type,
      token_req: true,
      ...(type === "service" && many ? { response_type: "Stream" as const } : {}),
    };
  });
}

export interface LinkAccount {
  readonly zone: string;
  readonly account: Key;
  /** Signs the credentials of the zone's server. */
  readonly signer: Key;
  /** The account that it may ask, and the zone that this one belongs to, if any. */
  readonly main: Key;
  readonly parent: string | undefined;
  readonly revocations: Revocations;
}

/** A zone's account at its parent: no JetStream, no exports, and imports by tokens that name this account alone. */
export async function linkClaims(operator: Key, link: LinkAccount): Promise<string> {
  const grants = linkGrants(link.zone, link.parent);
  const imports = await Promise.all(grants.map((grant) => importOf(grant, link)));
  const holder = { name: `zone-${link.zone}`, zone: link.zone, agent: "", parent: link.parent };
  return jwt.encodeAccount(
    `Z_${link.zone}`,
    link.account.pair,
    {
      limits: account,
      imports,
      signing_keys: scopesOf({ leaf: link.signer }, holder),
      revocations: link.revocations,
    },
    { signer: operator.pair },
  );
}

async function importOf({ kind, local, subject }: LinkGrant, link: LinkAccount): Promise<jwt.Import> {
  const activation = { subject, kind };
  const token = await jwt.encodeActivation(subject, link.account.publicKey, link.main.pair, kind, activation);
  const renamed = local === subject ? {} : { local_subject: local };
  return { name: subject, subject, type: kind, account: link.main.publicKey, token, ...renamed };
}

function scopesOf(signers: Signers, holder: Holder): jwt.SigningKeys {
  return Object.entries(signers).map(([role, key]) => {
    const { publish, subscribe } = permissionsOf(role as Principal, holder);
    const allowed = { pub: { allow: [...publish] }, sub: { allow: [...subscribe] } };
    const only = { allowed_connection_types: role === "leaf" ? ["LEAFNODE" as const] : [...CLIENTS] };
    return { kind: "user_scope", key: key.publicKey, role, template: { ...open, ...allowed, ...only } };
  });
}

export interface User {
  readonly name: string;
  /** `sys` may do everything in the system's account, `shared` in the mesh's own: it is whatever it says that it is. */
  readonly role: Principal | "sys" | "shared";
  readonly zone?: string;
  readonly agent?: string;
  /** Seconds since the Unix epoch; undefined: for ever. */
  readonly expiresAtS?: number | undefined;
}

/** Credentials of a new user, as the text of a `.creds` file. Its rights are those of the signing key's role. */
export async function userCreds(user: User, fresh: Key, signer: Key, account: Key): Promise<Uint8Array> {
  const isScoped = signer.publicKey !== account.publicKey;
  const claims = {
    tags: user.role === "shared" ? [] : tagsOf(user),
    ...(isScoped ? { issuer_account: account.publicKey } : { allowed_connection_types: [...CLIENTS] }),
  };
  const expiry = user.expiresAtS === undefined ? {} : { exp: user.expiresAtS };
  const token = await jwt.encodeUser(user.name, fresh.pair, signer.pair, claims, {
    scopedUser: isScoped,
    ...expiry,
  });
  return jwt.fmtCreds(token, fresh.pair);
}
