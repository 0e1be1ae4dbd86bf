/** Addresses of servers as people may see them: what is in front of the host may be a password. Pure. */

/** `user:password@` up to the last `@` of each address of a list. */
const USERINFO = /(^(?![a-z+]+:\/\/)|:\/\/)(?:(?!,\s*[a-z+]+:\/\/).)*@/gi;

/** The address, or list of addresses, without its userinfo. */
export const shownUrl = (url: string): string => url.replace(USERINFO, "$1");
