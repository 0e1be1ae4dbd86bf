/** Whose login it is, how long it is good, and what it may do: tried for real, with things that do no harm. */
import { type Credentials, renewal } from "../../domain/credentials.ts";
import type { Tried } from "../../wiring.ts";
import { credentialsIn, expiryOf } from "../credentials.ts";
import { localDateTime } from "../local-time.ts";
import { fail, type Finding, ok, warn } from "./finding.ts";
import type { Patient } from "./patient.ts";

/** Read from the file alone: a server refuses what has ended, and does not say why. */
export function credentials({ credsFile }: Patient): readonly Finding[] {
  const own = credentialsIn(credsFile);
  return own === undefined || credsFile === undefined ? [] : [judgeCredentials(credsFile, own)];
}

export function judgeCredentials(file: string, own: Credentials): Finding {
  const name = "credentials";
  const { expiresAtS } = own;
  if (expiresAtS === undefined) return ok(name, `${file}: ${own.name}, without an end`);
  const at = localDateTime(expiresAtS * 1e6);
  const expiry = expiryOf(own);
  if (expiry === "expired") return fail(name, `${file}: ${own.name}, expired at ${at}`, renewal(own));
  const message = `${file}: ${own.name}, good until ${at}`;
  return expiry === "soon" ? warn(name, message, renewal(own)) : ok(name, message);
}

export async function access(patient: Patient): Promise<readonly Finding[]> {
  // Whoever cannot be asked at all has been told of by then.
  const probe = await patient.probe().catch(() => undefined);
  if (probe === undefined) return [];
  const own = credentialsIn(patient.credsFile);
  const { tried } = probe;
  if (own === undefined || tried === undefined) {
    return patient.isNamed
      ? [ok("access", "this login is that of no role; private zones need those of mesh hub init")]
      : [];
  }
  const wrong = tried.flatMap((trial) => judgeTrial(trial, own));
  const may = tried.filter(({ must }) => must).length;
  const all = `${own.name} may do its work (${may} tried) and no more (${tried.length - may} tried)`;
  return wrong.length === 0 ? [ok("access", all)] : wrong;
}

export function judgeTrial({ must, outcome, subject, what }: Tried, own: Credentials): readonly Finding[] {
  if (must && outcome === "denied") {
    const hint = `its server was made for other rights: make it anew with this version, or ${renewal(own)}`;
    return [fail("access", `${own.name} may not ${what} (${subject})`, hint)];
  }
  if (must || outcome !== "allowed") return [];
  const hint = `its rights were widened, or it is no login of a role: ${renewal(own)}`;
  return [fail("access", `${own.name} may ${what}, which no ${own.role ?? "login"} may`, hint)];
}
