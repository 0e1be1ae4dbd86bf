/**
 * What a command's credentials say before any server is asked: whose they are, and whether they are still good. Foreign
 * credentials and NKey seeds say nothing, and pass.
 */
import { existsSync, readFileSync } from "node:fs";
import { type Credentials, readCredentials, renewal } from "../domain/credentials.ts";
import { exitCode, Failure } from "./exit-codes.ts";
import { localDateTime } from "./local-time.ts";

/** Told so long before they end, and never in the first half of their life. */
const SOON_S = 14 * 86_400;

/** Undefined where the file says nothing, or cannot be read: connecting tells that. */
export function credentialsIn(file: string | undefined): Credentials | undefined {
  if (file === undefined) return undefined;
  try {
    return readCredentials(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** Throws where there is no such file: what it would settle is not known then. */
export function checkThere(file: string | undefined): void {
  if (file === undefined || existsSync(file)) return;
  throw new Failure(
    exitCode.usage,
    "NoCredentials",
    `there is no credentials file ${file}`,
    "name one that is there; those of agents lie in agents of the zone's folder, and mesh zone agent makes more",
  );
}

/** Whether credentials have ended, or soon will. */
export function expiryOf({ expiresAtS, issuedAtS }: Credentials): "good" | "soon" | "expired" {
  if (expiresAtS === undefined) return "good";
  const leftS = expiresAtS - Date.now() / 1000;
  if (leftS <= 0) return "expired";
  return leftS > Math.min(SOON_S, (expiresAtS - issuedAtS) / 2) ? "good" : "soon";
}

export function isExpired(file: string): boolean {
  const own = credentialsIn(file);
  return own !== undefined && expiryOf(own) === "expired";
}

/** Throws where they have ended; notes when they soon will. */
export function checkExpiry(file: string | undefined, note: (line: string) => void): void {
  const credentials = credentialsIn(file);
  if (credentials?.expiresAtS === undefined) return;
  const at = localDateTime(credentials.expiresAtS * 1e6);
  const expiry = expiryOf(credentials);
  if (expiry === "expired") {
    throw new Failure(
      exitCode.usage,
      "CredentialsExpired",
      `the credentials ${file} expired at ${at}`,
      renewal(credentials),
    );
  }
  if (expiry === "good") return;
  note(`the credentials ${file} expire at ${at}: ${renewal(credentials)}`);
}

export interface Wanted {
  readonly role: "root" | "zone" | "agent";
  readonly zone?: string | undefined;
  readonly agent?: string | undefined;
}

/** What the credentials settle; refuses those of another role, zone or agent than what was asked for. */
export function settleIdentity(file: string | undefined, wanted: Wanted): Wanted {
  const own = credentialsIn(file);
  if (own?.role === undefined) return wanted;
  const { agent = own.agent, role, zone = own.zone } = wanted;
  if (own.role === role && own.zone === zone && own.agent === agent) return { role, zone, agent };
  throw new Failure(
    exitCode.usage,
    "WrongCredentials",
    `the credentials ${file} are those of ${holderText(own)}, not of ${holderText({ role, zone, agent })}`,
    own.role === role
      ? `leave the other name out, or name other credentials`
      : `name other credentials with --creds`,
  );
}

/**
 * Whoever asks root for something is a door; root's own login may only read. Others may neither, and the server would say so
 * in its own words, after a run's script was stored.
 */
export function checkDoor(file: string | undefined, does: "ask" | "read"): void {
  const own = credentialsIn(file);
  if (own?.role === undefined || own.role === "door" || (does === "read" && own.role === "root")) return;
  throw new Failure(
    exitCode.usage,
    "WrongCredentials",
    `the credentials ${file} are those of ${holderText(own)}, not of a door`,
    "a hub's folder has some in creds/door.creds; mesh hub door DIR NAME makes more",
  );
}

interface Named {
  readonly role: string | undefined;
  readonly zone: string | undefined;
  readonly agent: string | undefined;
}

function holderText({ agent, role, zone }: Named): string {
  const of = zone === undefined ? "a zone" : `zone ${zone}`;
  if (role === "agent") return agent === undefined ? `an agent of ${of}` : `agent ${agent} of ${of}`;
  if (role === "zone") return of;
  if (role === "leaf") return `the server of ${of}`;
  if (role === "watch") return zone === undefined ? "a watcher" : `a watcher of ${of}`;
  if (role === "sys") return "the server's own system";
  return role === "door" ? "a door" : (role ?? "somebody");
}
