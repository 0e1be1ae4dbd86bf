/**
 * The embedded ClickHouse as a process: `node clickhouse-main.ts <folder>`. Loads the engine of the npm package `chdb`
 * and calls its command line, which is `clickhouse-local`: that one can listen for HTTP. Runs until it is killed; what
 * was acknowledged is on disk then. Relies on the files that clickhouse.ts has written to the folder.
 */
import { join } from "node:path";
import { libchdbPath } from "chdb/libchdb";
import { DataType, load, open } from "ffi-rs";

const folder = process.argv[2] ?? "";
const LIBRARY = "chdb";

const quoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

/** Listens, says where, and then waits for ever: the session of the last query holds the server open. */
const SQL = [
  "SYSTEM START LISTEN HTTP;",
  `SELECT getServerPort('http_port'), version() INTO OUTFILE ${quoted(join(folder, "port"))} TRUNCATE FORMAT TSV;`,
  "SELECT sleepEachRow(3) FROM system.numbers FORMAT Null",
  "SETTINGS function_sleep_max_microseconds_per_block = 0, max_block_size = 1, max_threads = 1",
].join(" ");

const ARGUMENTS = [
  "clickhouse-local",
  `--config-file=${join(folder, "config.xml")}`,
  `--path=${join(folder, "data")}`,
  "--listen_host=127.0.0.1",
  "--http_port=0",
  `--query=${SQL}`,
];

/** Its own handlers wait for five minutes in a crash. Older engines have no such switch. */
function withoutSignalHandlers(): void {
  try {
    const paramsType = [DataType.I32];
    load({
      library: LIBRARY,
      funcName: "chdb_set_signal_handlers_enabled",
      retType: DataType.Void,
      paramsType,
      paramsValue: [0],
    });
  } catch {
    // A crash takes longer then, and nothing else.
  }
}

/** Resolves with what the engine has to say about its end, which is always an error. */
async function serve(): Promise<string> {
  const ended = await load({
    library: LIBRARY,
    funcName: "chdb_query_cmdline",
    retType: DataType.External,
    paramsType: [DataType.I32, DataType.StringArray],
    paramsValue: [ARGUMENTS.length, ARGUMENTS],
    runInNewThread: true,
  });
  return load({
    library: LIBRARY,
    funcName: "chdb_result_error",
    retType: DataType.String,
    paramsType: [DataType.External],
    paramsValue: [ended],
  });
}

// The engine's threads do not stop for an exit in order; acknowledged data need none.
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  process.on(signal, () => process.kill(process.pid, "SIGKILL"));
}
process.umask(0o077);
open({ library: LIBRARY, path: libchdbPath() });
withoutSignalHandlers();
serve().then(
  (error) => end(error),
  (error: Error) => end(error.message),
);

function end(error: string): void {
  process.stderr.write(`${error}\n`, () => process.exit(1));
}
