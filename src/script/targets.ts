/**
 * URLs as the client needs them, parsed once per text: parsing costs more than the rest of a request's preparation.
 */

export interface Target {
  readonly url: URL;
  readonly href: string;
  /** `href` as it may be shown: user and password as stars, as in k6. */
  readonly shown: string;
  /** `host:port`, the port only where it is not the scheme's own. */
  readonly host: string;
  /** `https://host:port`, the key of a connection. */
  readonly origin: string;
  readonly path: string;
  readonly authorization: string | undefined;
}

const TARGETS_MAX = 4096;
const known = new Map<string, Target>();

/** A text with half an escape in it stands for itself: a server may send such a URL. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function shownOf({ href, password, username }: URL): string {
  if (username === "" && password === "") return href;
  const shown = new URL(href);
  shown.username = "****";
  if (password !== "") shown.password = "****";
  return shown.href;
}

function parse(text: string): Target {
  const url = URL.parse(text);
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new TypeError(`"${text}" is not an absolute http or https URL`);
  }
  const user = `${decoded(url.username)}:${decoded(url.password)}`;
  const authorization = user === ":" ? undefined : `Basic ${Buffer.from(user).toString("base64")}`;
  const { host, href, origin } = url;
  const shown = shownOf(url);
  return { url, href, shown, host, origin, path: `${url.pathname}${url.search}`, authorization };
}

/** @throws TypeError when the text is not an absolute http(s) URL */
export function targetOf(text: string): Target {
  const before = known.get(text);
  if (before) return before;
  const target = parse(text);
  if (known.size >= TARGETS_MAX) known.clear();
  known.set(text, target);
  return target;
}
