/**
 * The keeper's entry: `node src/keeper/main.ts <home>`, started detached by the first command, its output in
 * `<home>/keeper.log`. Wires the servers of this machine to the keeper and signals to its end; decides nothing itself.
 */
import { resolve } from "node:path";
import { startKeeper } from "./keeper-process.ts";
import { clickHouseServer } from "./servers/clickhouse.ts";
import { natsServer } from "./servers/nats.ts";

const log = (line: string): void =>
  void process.stderr.write(`${new Date().toISOString()} ${process.pid} ${line}\n`);

async function main(): Promise<void> {
  const home = process.argv[2];
  if (home === undefined) throw new Error("usage: node src/keeper/main.ts <home>");
  const keeper = await startKeeper({
    home: resolve(home),
    definitions: [natsServer],
    onDemand: [clickHouseServer],
    env: process.env,
    log,
  });
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.on(signal, () => keeper.stop(`the keeper was told to stop (${signal})`));
  }
  process.on("uncaughtException", (error) => {
    log(`defect: ${error.stack}`);
    process.exitCode = 1;
    keeper.stop(`the keeper failed: ${error.message}`);
  });
  await keeper.ended;
}

main().then(
  () => process.exit(),
  (error: Error) => {
    // The guards end whatever was started as soon as this process is gone.
    log(`failed: ${error.stack}`);
    process.exit(1);
  },
);
