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

/** The login that the first address of a list carries. */
export function loginIn(url: string): ServerLogin {
  const [, user = "", password] = /:\/\/([^@/:]+)(?::([^@]*))?@/.exec(url) ?? [];
  if (user === "") return {};
  if (password === undefined) return { token: decoded(user) };
  return { user: decoded(user), pass: decoded(password) };
}

/** A lone % stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
