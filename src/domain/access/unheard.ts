/**
 * What a zone's link asked to hear although it may not. A server drops what it may not hear word by word, and says nothing
 * about a pattern that asks for more: its list of subscriptions does. Pure.
 */
import { permissionsOf } from "../../../streams/permissions.ts";

/** Subjects by which servers find loops and answers among themselves. */
const OWN_BUSINESS = ["$LDS.", "_GR_.", "$GR.", "_R_."];

export function unheardOf(
  zone: string,
  parent: string | undefined,
  wanted: readonly string[],
): readonly string[] {
  const { subscribe } = permissionsOf("leaf", { name: `zone-${zone}`, zone, agent: "", parent });
  return wanted.filter(
    (pattern) =>
      !OWN_BUSINESS.some((prefix) => pattern.startsWith(prefix)) &&
      !subscribe.some((allowed) => isWithin(pattern, allowed)),
  );
}

/** Whether a pattern hears nothing that the other does not. */
export function isWithin(pattern: string, allowed: string): boolean {
  const [inner, outer] = [pattern.split("."), allowed.split(".")];
  for (const [at, token] of outer.entries()) {
    if (token === ">") return inner.length > at;
    const own = inner[at];
    if (own === undefined || own === ">") return false;
    if (token !== "*" && token !== own) return false;
  }
  return inner.length === outer.length;
}
