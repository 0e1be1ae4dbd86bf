/**
 * `mesh sql`: lands what has not landed, asks, shows. The server alone decides what may be read; the answer is shown as
 * it comes, number by number as the server wrote it.
 */
import * as Effect from "effect/Effect";
import type { HistoryError } from "../../ports/history.ts";
import { askSql, type HistoryPlace, prepareHistory, type SqlAnswer } from "../../wiring.ts";
import { atServer, type Note } from "../at-server.ts";
import { exitCode, Failure } from "../exit-codes.ts";
import { historyLocator } from "../history-place.ts";
import type { PlaceFlags } from "../place.ts";
import { landLeftovers } from "./land-leftovers.ts";
import { printCsv, printJson, printRaw, printTable } from "./print.ts";

export type Output = "table" | "json" | "csv";

export interface SqlFlags extends PlaceFlags {
  readonly output: Output;
}

const FORMATS = {
  table: "JSONCompactStringsEachRowWithNamesAndTypes",
  json: "JSONEachRow",
  csv: "CSVWithNames",
} as const satisfies Record<Output, string>;

const PRINTERS = { table: printTable, json: printJson, csv: printCsv } as const;

export async function showSql(given: string | undefined, flags: SqlFlags, note: Note): Promise<void> {
  const sql = await statementOf(given);
  await atServer(flags, note, (server, place) =>
    Effect.gen(function* () {
      const locate = historyLocator(place.url);
      const located = yield* Effect.promise(locate);
      if (!("place" in located)) return yield* Effect.fail(unreachable(located.detail, located.hint));
      const there = () => Promise.resolve(located);
      yield* prepareHistory(there).pipe(Effect.mapError(ofHistory));
      yield* landLeftovers(server, place, note);
      yield* ask(located.place, sql, flags.output);
    }),
  );
}

const ask = (place: HistoryPlace, sql: string, output: Output): Effect.Effect<void, Error> =>
  Effect.tryPromise({
    try: async () => {
      const stop = new AbortController();
      const onSignal = () => stop.abort();
      for (const signal of SIGNALS) process.on(signal, onSignal);
      try {
        const question = { sql, format: FORMATS[output], signal: stop.signal };
        await askSql(place, question, (answer) => show(answer, output));
      } finally {
        for (const signal of SIGNALS) process.off(signal, onSignal);
      }
    },
    catch: (error) => asFailure(error as Error),
  });

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** A statement may name a format of its own; then that is what the person wants to see. */
const show = ({ body, format }: SqlAnswer, output: Output): Promise<void> =>
  format === FORMATS[output] ? PRINTERS[output](body) : printRaw(body);

async function statementOf(given: string | undefined): Promise<string> {
  const isFromInput = given === undefined || given === "-";
  if (isFromInput && process.stdin.isTTY) {
    const hint = 'write mesh sql "SELECT * FROM latest_runs", or pipe the statement into it';
    throw new Failure(exitCode.usage, "Usage", "there is no statement", hint);
  }
  const text = (isFromInput ? await readInput() : given).trim();
  if (text !== "") return text;
  throw new Failure(exitCode.usage, "Usage", "the statement is empty", "mesh sql --help has examples");
}

async function readInput(): Promise<string> {
  let text = "";
  for await (const chunk of process.stdin.setEncoding("utf8")) text += chunk as string;
  return text;
}

const unreachable = (detail: string, hint: string): Failure =>
  new Failure(exitCode.unreachable, "History", detail, hint === "" ? "try again in a moment" : hint);

const ofHistory = ({ detail, hint }: HistoryError): Failure => unreachable(detail, hint);

/** Errors of the adapter, by what they are called. */
function asFailure(error: Error): Error {
  if (error.name === "HistoryError") return ofHistory(error as HistoryError);
  if (error.name !== "SqlError") return error;
  const { hint, message, reason } = error as Error & { hint: string; reason: string };
  const exit = reason === "cancelled" ? exitCode.interrupted : exitCode.usage;
  return new Failure(exit, "Sql", message, hint === "" ? undefined : hint);
}
