/**
 * Asks a server for its version in the plainest way there is, so that one of 2018 can answer, too: the client's own
 * requests have parameters that old servers do not know.
 */
import { compareVersions, parseVersion } from "../domain/program-version.ts";
import { HistoryError } from "../ports/history.ts";
import { historyError } from "./failure.ts";
import type { HistoryPlace, Login } from "./place.ts";

/** The first with all that we use, and more than a year old: tokens of inserts, views with parameters, grants in files. */
export const CLICKHOUSE_MINIMUM = "24.8";
const minimum = parseVersion(`${CLICKHOUSE_MINIMUM}.0`);

const ANSWER_WITHIN_MS = 5000;

/** The version; fails with HistoryError when nobody answers, the login is refused, or the server is too old. */
export async function checkVersion({ url }: HistoryPlace, login: Login): Promise<string> {
  const text = await askVersion(url, login);
  const version = parseVersion(text);
  if (version === undefined || minimum === undefined) throw noClickHouse(url, text);
  if (compareVersions(version, minimum) >= 0) return text;
  const detail = `ClickHouse at ${url} is version ${text}, and mesh needs ${CLICKHOUSE_MINIMUM} or newer`;
  throw new HistoryError({
    reason: "refused",
    detail,
    hint: "update it, or name another in MESH_CLICKHOUSE_URL",
  });
}

async function askVersion(url: string, { user, password }: Login): Promise<string> {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  const asked = fetch(`${url}/?query=${encodeURIComponent("SELECT version()")}`, {
    headers: { authorization },
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  const response = await asked.catch((error: unknown) => {
    throw historyError(error, url);
  });
  const text = (await response.text()).trim();
  if (response.ok) return text;
  throw text.startsWith("Code:") ? historyError(new Error(text), url) : noClickHouse(url, text);
}

function noClickHouse(url: string, answer: string): HistoryError {
  const detail = `what answers at ${url} is no ClickHouse: it says ${JSON.stringify(answer.slice(0, 60))}`;
  return new HistoryError({ reason: "refused", detail, hint: "check MESH_CLICKHOUSE_URL" });
}
