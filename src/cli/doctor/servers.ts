/** The embedded servers: who keeps them, and which nats-server they are or would be. Starts and fetches nothing. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { NATS_SERVER_MINIMUM } from "../../../streams/version.ts";
import { versionText } from "../../domain/program-version.ts";
import { cacheDirectory } from "../../keeper/home.ts";
import { readRecord } from "../../keeper/keeper-record.ts";
import { isAlive } from "../../keeper/process-identity.ts";
import { type NatsServerBinary, presentNatsServer } from "../../keeper/provision-nats.ts";
import { fail, failureOf, type Finding, ok, warn } from "./finding.ts";
import type { Patient } from "./patient.ts";

export async function keeper(patient: Patient): Promise<readonly Finding[]> {
  const name = "keeper";
  const record = readRecord(patient.home);
  if (record !== undefined && !isAlive(record)) {
    const left = record.started.filter(isAlive).map(({ pid }) => pid);
    const still = left.length === 0 ? "nothing of it runs" : `left running: pid ${left.join(", ")}`;
    const hint =
      left.length === 0
        ? `the next command that needs servers clears it away; or now: rm ${join(patient.home, "keeper.json")}`
        : `the next command that needs servers ends them; or now: kill ${left.join(" ")}`;
    return [warn(name, `keeper.json names pid ${record.pid}, which is gone; ${still}`, hint)];
  }
  const status = await patient.keeper();
  if (status === undefined) return [ok(name, "not up; commands start it when they need it")];
  const { leases: count } = status;
  const some = count === 1 ? "one command uses it" : `${count} commands use it`;
  const leases = count === 0 ? "no command uses it" : some;
  const pinned = status.pinned ? ", stays until mesh down" : "";
  return [
    ok(name, `up, pid ${status.pid}, ${leases}${pinned}`),
    ...status.servers.map(({ name: server, pid, url, version }) =>
      ok(name, `runs ${server} ${version} at ${url}, pid ${pid}`),
    ),
  ];
}

export async function natsServerBinary(patient: Patient): Promise<readonly Finding[]> {
  const name = "nats-server";
  const notes: string[] = [];
  try {
    const found = await presentNatsServer({ env: patient.env, onNote: (line) => notes.push(line) });
    const fact = found === undefined ? getting(patient) : whence(patient, found);
    return [...notes.map(passedOver), fact];
  } catch (error) {
    const finding = failureOf(
      name,
      error,
      `name one that is ${NATS_SERVER_MINIMUM} or newer in NATS_SERVER_BIN`,
    );
    // A mesh at another server needs none here.
    return [patient.isNamed ? { ...finding, status: "warn" } : finding];
  }
}

const passedOver = (note: string): Finding =>
  warn("nats-server", note, `update it (${RELEASES}), or let it be: mesh takes another one`);

const RELEASES = "https://github.com/nats-io/nats-server/releases";

function whence({ env }: Patient, { path, version }: NatsServerBinary): Finding {
  const from =
    path === env["NATS_SERVER_BIN"]
      ? "named by NATS_SERVER_BIN"
      : path.startsWith(cacheDirectory(env))
        ? "from the cache"
        : "from PATH";
  return ok("nats-server", `${versionText(version)}, ${from}: ${path}`);
}

/** None is here yet: whether there is a way to get one. */
function getting({ env, isNamed }: Patient): Finding {
  const name = "nats-server";
  const ways = [
    ...(isInPath("apt-get", env) ? ["apt, within seconds"] : []),
    ...(isInPath("go", env) ? ["go install, within a minute"] : []),
  ];
  if (ways.length > 0)
    return ok(name, `none here yet; the first command that needs it gets it by ${ways.join(", or by ")}`);
  const say = isNamed ? warn : fail;
  const hint = `install one into PATH from ${RELEASES}, or name it in NATS_SERVER_BIN`;
  return say(name, "none here, and neither apt nor Go to get one", hint);
}

function isInPath(program: string, env: Patient["env"]): boolean {
  return (env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
