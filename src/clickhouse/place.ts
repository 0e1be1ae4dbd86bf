/**
 * Where a ClickHouse is and who we are there. It is found by whoever starts us; adapters do not know each other.
 */
import type { HistoryFault } from "../ports/history.ts";

export interface Login {
  readonly user: string;
  readonly password: string;
}

export interface HistoryPlace {
  /** `http://host:port`, without credentials. */
  readonly url: string;
  readonly database: string;
  readonly writer: Login;
  readonly reader: Login;
  /** The reader's profile already has our limits and formats, and lets nobody change them. */
  readonly isReaderLimited: boolean;
}

/** A place, or why there is none: one sentence, and what to do. */
export type Located =
  | { readonly place: HistoryPlace }
  | { readonly reason: HistoryFault; readonly detail: string; readonly hint: string };

export type Locate = () => Promise<Located>;

export const DATABASE = "mesh";

/** Reads `http://user:password@host:port/database`, the form of MESH_CLICKHOUSE_URL. */
export function placeOfUrl(text: string): Located {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    const detail = "MESH_CLICKHOUSE_URL is not an http:// or https:// URL";
    return { reason: "refused", detail, hint: "write http://user:password@host:8123, or unset it" };
  }
  const database = url.pathname.slice(1) || DATABASE;
  if (!/^[A-Za-z_]\w*$/.test(database)) {
    const detail = `MESH_CLICKHOUSE_URL names the database ${JSON.stringify(database)}, which is no plain name`;
    return { reason: "refused", detail, hint: "use letters, digits and _" };
  }
  const [user, password] = [url.username, url.password].map(plainText);
  if (user === undefined || password === undefined) {
    const detail = "MESH_CLICKHOUSE_URL has a % in its user or password that begins no escape";
    return { reason: "refused", detail, hint: "write %25 for %" };
  }
  const login = { user: user || "default", password };
  return { place: { url: url.origin, database, writer: login, reader: login, isReaderLimited: false } };
}

function plainText(escaped: string): string | undefined {
  try {
    return decodeURIComponent(escaped);
  } catch {
    return undefined;
  }
}
