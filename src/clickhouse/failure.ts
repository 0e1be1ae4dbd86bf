/**
 * What a failure of ClickHouse means for us: later, never, or a full disk. Relies on error codes; the client's own
 * types of errors are parsed from text and may be anything.
 */
import { ClickHouseError } from "@clickhouse/client";
import { HistoryError } from "../ports/history.ts";

/** Too many parts or queries, memory, timeouts, no connection, read-only tables: what may pass. */
const LATER = new Set(["159", "164", "202", "209", "210", "241", "242", "252", "394", "425", "700"]);
const FULL = /No space left on device|NOT_ENOUGH_SPACE|Disk quota exceeded|Cannot reserve/;
const LOGIN = new Set(["192", "193", "194", "497", "516"]);

const FULL_HINT = "make room on its disk; what did not land is kept and lands then";

/** One sentence of a server's answer: without code, version and stack. */
export const sentenceOf = (message: string): string =>
  (message.split(/ ?\((?:version|official build)|, Stack trace|Stack trace:/)[0] ?? "")
    .replace(/^Code: \d+\. DB::Exception: /, "")
    .replaceAll(/\s+/g, " ")
    .trim();

export function historyError(error: unknown, url: string): HistoryError {
  if (error instanceof HistoryError) return error;
  const { message } = error as Error;
  const at = `ClickHouse at ${url}`;
  if (FULL.test(message) || codeOf(error) === "243") {
    return new HistoryError({
      reason: "full",
      detail: `${at} has no room: its disk is full`,
      hint: FULL_HINT,
    });
  }
  const code = codeOf(error);
  if (code === undefined) {
    const detail = `${at} does not answer (${reasonOf(error)})`;
    return new HistoryError({ reason: "unavailable", detail, hint: "" });
  }
  const reason = LATER.has(code) ? "unavailable" : "refused";
  const hint = LOGIN.has(code) ? "check user, password and grants in MESH_CLICKHOUSE_URL" : "";
  return new HistoryError({ reason, detail: `${at}: ${sentenceOf(message)}`, hint });
}

export const codeOf = (error: unknown): string | undefined =>
  error instanceof ClickHouseError ? error.code : /^Code: (\d+)[.,]/.exec((error as Error).message)?.[1];

/** Node hides the reason of a failed request in its cause. */
function reasonOf(error: unknown): string {
  const { cause, code, message, name } = error as NodeJS.ErrnoException & { cause?: NodeJS.ErrnoException };
  if (name === "TimeoutError" || message.startsWith("Timeout")) return "nothing came in time";
  return [code, cause?.code, cause?.message, message].find((each) => each) ?? "no reason given";
}
