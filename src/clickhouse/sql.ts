/**
 * One statement of a person, read-only by the server's own rules, and its answer whole: the server hands nothing out
 * before it knows that it can hand out all of it, so that an answer is never cut off by an error in its middle.
 */
import { randomUUID } from "node:crypto";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { type ClickHouseClient, ClickHouseError } from "@clickhouse/client";
import { HistoryError } from "../ports/history.ts";
import { type Ask, namesFile } from "./door.ts";
import { codeOf, historyError, sentenceOf } from "./failure.ts";
import { clientOf } from "./history.ts";
import type { HistoryPlace } from "./place.ts";
import { checkVersion } from "./version.ts";

/** The limits where the server's profile has none of ours: with MESH_CLICKHOUSE_URL. */
const LIMITS = {
  readonly: "1",
  output_format_json_quote_64bit_integers: 1,
  max_execution_time: 30,
  max_result_rows: "1000000",
  max_result_bytes: "256000000",
  max_memory_usage: "1000000000",
} as const;

const KILL_WITHIN_MS = 2000;

/** The statement is the matter, not the server. `limit`: it asks for more than may be asked for. */
export class SqlError extends Error {
  override readonly name = "SqlError";
  readonly reason: "mistake" | "limit" | "not-allowed" | "cancelled";
  readonly hint: string;
  constructor(reason: SqlError["reason"], message: string, hint: string) {
    super(message);
    this.reason = reason;
    this.hint = hint;
  }
}

export interface SqlAnswer {
  /** The one that was asked for, unless the statement itself names another. */
  readonly format: string;
  readonly body: Readable;
}

export interface SqlQuestion {
  readonly sql: string;
  readonly format: string;
  /** Ends the question here and on the server. */
  readonly signal: AbortSignal;
}

/** Calls `use` with the answer. Rejects with SqlError or HistoryError. */
export async function askSql<A>(
  place: HistoryPlace,
  question: SqlQuestion,
  use: (answer: SqlAnswer) => Promise<A>,
): Promise<A> {
  await checkVersion(place, place.reader);
  const client = clientOf(place, place.reader, place.database);
  try {
    await checkDoor(client, place, question);
    return await use(await answerTo(client, place, question, {}));
  } catch (error) {
    throw asSqlError(error, place.url);
  } finally {
    await client.close();
  }
}

/** Always, though only the embedded server would let it through. */
async function checkDoor(client: ClickHouseClient, place: HistoryPlace, { signal, sql }: SqlQuestion) {
  const ask: Ask = async (query, params) => {
    const { body } = await answerTo(client, place, { sql: query, format: "TSVRaw", signal }, params);
    return text(body);
  };
  if (!(await namesFile(ask, sql))) return;
  const message = "mesh sql only reads tables: the statement names file, which reads files of the machine";
  throw new SqlError("not-allowed", message, "write 'file' if a text is meant; nothing may be called file");
}

async function answerTo(
  client: ClickHouseClient,
  place: HistoryPlace,
  { format, signal, sql }: SqlQuestion,
  query_params: Readonly<Record<string, string>>,
): Promise<SqlAnswer> {
  const query_id = randomUUID();
  const asked = client.exec({
    query: sql,
    query_id,
    query_params,
    abort_signal: signal,
    clickhouse_settings: {
      default_format: format as "CSV",
      wait_end_of_query: 1,
      ...(place.isReaderLimited ? {} : LIMITS),
    },
  });
  const answer = await asked.catch(async (error: unknown) => {
    if (!signal.aborted) throw error;
    await kill(client, query_id);
    throw new SqlError("cancelled", "the query was cancelled, here and on the server", "");
  });
  const said = answer.response_headers["x-clickhouse-format"];
  return { format: typeof said === "string" ? said : format, body: answer.stream };
}

/** Closing the connection does not end a query on the server. Everybody may end their own. */
async function kill(client: ClickHouseClient, query_id: string): Promise<void> {
  await client
    .command({
      query: `KILL QUERY WHERE query_id = '${query_id}' ASYNC`,
      abort_signal: AbortSignal.timeout(KILL_WITHIN_MS),
    })
    .catch(() => undefined); // its own limit ends it then
}

const SMALLER = "ask for less, for example with WHERE run = '…' or LIMIT";

const LIMIT_CODES: Readonly<Record<string, string>> = {
  "158": "the query reads more rows than it may",
  "159": "the query took longer than it may and was ended",
  "160": "the query would take longer than it may",
  "202": "too many queries at once",
  "241": "the query needs more memory than it may take",
  "307": "the query reads more bytes than it may",
  "396": "the answer has more rows or bytes than it may",
};

const NOT_ALLOWED = new Set(["164", "291", "358", "452", "497"]);

function asSqlError(error: unknown, url: string): Error {
  if (error instanceof SqlError || error instanceof HistoryError) return error;
  const code = codeOf(error);
  if (!(error instanceof ClickHouseError) || code === undefined) return historyError(error, url);
  if (code === "516" || code === "243") return historyError(error, url);
  const sentence = sentenceOf(error.message);
  const limit = LIMIT_CODES[code];
  if (limit !== undefined) return new SqlError("limit", `${limit} (${sentence})`, SMALLER);
  if (code === "394") return new SqlError("cancelled", "somebody ended the query on the server", "");
  if (NOT_ALLOWED.has(code)) {
    return new SqlError(
      "not-allowed",
      `mesh sql only reads: ${sentence}`,
      "it reads the tables of mesh and system",
    );
  }
  return new SqlError("mistake", sentence, "");
}
