/** Addresses of servers as people may see them: what is in front of the host may be a password. Pure. */

/** `user:password@` up to the last `@` of each address of a list. */
const USERINFO = /(^(?![a-z+]+:\/\/)|:\/\/)(?:(?!,\s*[a-z+]+:\/\/).)*@/gi;

/** The address, or list of addresses, without its userinfo. */
export const shownUrl = (url: string): string => url.replace(USERINFO, "$1");

/** A user alone is a token, as for the `nats` command. */
export type ServerLogin =
  | { readonly user: string; readonly pass: string }
  | { readonly token: string }
  | Record<string, never>;

/** The addresses of a list, each without its userinfo. */
export const serversIn = (url: string): readonly string[] => addressesIn(url).map(shownUrl);

/** The login that the addresses of a list carry; undefined where they carry different ones. */
export function loginIn(url: string): ServerLogin | undefined {
  const found = addressesIn(url)
    .map(userinfoOf)
    .filter((each) => each !== "");
  const [userinfo = ""] = found;
  if (found.some((other) => other !== userinfo)) return undefined;
  if (userinfo === "") return {};
  const at = userinfo.indexOf(":");
  if (at < 0) return { token: decoded(userinfo) };
  return { user: decoded(userinfo.slice(0, at)), pass: decoded(userinfo.slice(at + 1)) };
}

const addressesIn = (url: string): readonly string[] => url.split(/,\s*/).map((each) => each.trim());

/** In front of the last `@` of one address: a password may hold others. */
function userinfoOf(address: string): string {
  const rest = address.replace(/^[a-z+]+:\/\//i, "");
  return rest.slice(0, Math.max(0, rest.lastIndexOf("@")));
}

/** A lone % stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
