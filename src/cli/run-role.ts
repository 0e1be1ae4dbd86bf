/** Starts the three roles as processes of their own: finds the server, wires the ports, serves until told to end. */
import { randomBytes } from "node:crypto";
import { availableParallelism, hostname } from "node:os";
import { resolve } from "node:path";
import * as Effect from "effect/Effect";
import { TOKEN } from "../../streams/schema/ids.ts";
import { printableLine } from "../domain/printable.ts";
import { agent } from "../roles/agent/agent.ts";
import { root } from "../roles/root/root.ts";
import { zone } from "../roles/zone/zone.ts";
import { agentLayer, rootLayer, zoneLayer } from "../wiring.ts";
import { controlPlaneOf } from "./control-plane.ts";
import { exitCode, Failure } from "./exit-codes.ts";
import { listIn } from "./environment-lists.ts";
import { historyLocator } from "./history-place.ts";
import { checkThere, settleIdentity } from "./credentials.ts";
import { refuseFolderHere } from "./folder-here.ts";
import { findPlace, type PlaceFlags, reach } from "./place.ts";
import { PROGRAM } from "./program.ts";
import { serve } from "./serve.ts";
import { guardSource } from "./zone/guard-file.ts";

type Note = (line: string) => void;

/** What a role says is a line each, whatever zones, agents and scripts have put into it. */
const byLine =
  (note: Note): Note =>
  (line) =>
    note(printableLine(line));

/** A name nobody else has. */
const unique = (): string => randomBytes(4).toString("hex");
const hostToken = (): string =>
  hostname()
    .replace(/[^A-Za-z0-9_-]/g, "-")
    .slice(0, 40);

function checkName(what: string, name: string): void {
  if (TOKEN.test(name)) return;
  throw new Failure(
    exitCode.usage,
    "Usage",
    `${JSON.stringify(name)} cannot be the name of ${what}`,
    "use 1 to 64 letters, digits, - and _",
  );
}

export interface RootFlags extends PlaceFlags {
  readonly "land-now"?: boolean | undefined;
}

export async function runRoot(flags: RootFlags, tell: Note): Promise<void> {
  const note = byLine(tell);
  const place = await findPlace(flags, note);
  const name = `root-${hostToken()}-${unique()}`;
  settleIdentity(place.credsFile, { role: "root" });
  const connection = { ...reach(place), name, note };
  const locate = historyLocator(place.url);
  const controlPlane = await controlPlaneOf(place.url, note);
  const options = { name, note, landNow: flags["land-now"], controlPlane };
  await serve(root(options).pipe(Effect.provide(rootLayer(connection, locate))), place, () =>
    note("root ended"),
  );
}

export interface ZoneFlags extends PlaceFlags {
  readonly guard?: string | undefined;
  readonly parent?: string | undefined;
}

export async function runZone(name: string, flags: ZoneFlags, tell: Note): Promise<void> {
  const note = byLine(tell);
  checkName("a zone", name);
  const { parent } = flags;
  if (parent !== undefined) checkName("a zone", parent);
  if (parent === name) throw belowItself(name);
  const guard = flags.guard === undefined ? undefined : guardSource(resolve(flags.guard), name, note);
  const place = await findPlace(flags, note);
  settleIdentity(place.credsFile, { role: "zone", zone: name });
  const session = unique();
  const layer = zoneLayer(
    { zone: name, parent },
    { ...reach(place), name: `zone-${name}-up` },
    { ...reach(place), name: `zone-${name}`, note },
  );
  const rails = { guard, controlPlane: await controlPlaneOf(place.url, note) };
  const options = {
    zone: name,
    parent,
    session,
    program: PROGRAM,
    host: hostname(),
    pid: process.pid,
    note,
    ...rails,
  };
  await serve(zone(options).pipe(Effect.provide(layer)), place, () => note(`zone ${name} ended`));
}

const belowItself = (name: string): Failure =>
  new Failure(
    exitCode.usage,
    "Usage",
    `zone ${name} cannot be below itself`,
    "name another zone with --parent, or leave it out: the zone is then one of root's",
  );

export interface AgentFlags extends PlaceFlags {
  readonly zone?: string | undefined;
  readonly name?: string | undefined;
  readonly cores?: number | undefined;
  readonly label?: readonly string[] | undefined;
}

export async function runAgent(flags: AgentFlags, tell: Note): Promise<void> {
  const note = byLine(tell);
  const { creds, nats } = flags;
  const { agent: named, zone } = settleIdentity(nats === undefined ? undefined : creds, {
    role: "agent",
    zone: flags.zone,
    agent: flags.name,
  });
  if (zone === undefined) {
    checkThere(creds);
    if (nats !== undefined && creds === undefined) await refuseFolderHere(nats);
    throw noZone();
  }
  const name = named ?? `${hostToken()}-${unique()}`;
  checkName("a zone", zone);
  checkName("an agent", name);
  const place = await findPlace(flags, note);
  const options = {
    zone,
    agent: name,
    program: PROGRAM,
    host: hostname(),
    pid: process.pid,
    cores: flags.cores ?? availableParallelism(),
    labels: Object.fromEntries((flags.label ?? listIn("MESH_LABEL")).map((label) => split(label))),
    newSession: unique,
    note,
    controlPlane: await controlPlaneOf(place.url, note),
  };
  await serve(
    agent(options).pipe(Effect.provide(agentLayer({ ...reach(place), name: `agent-${name}`, note }))),
    place,
    () => note(`agent ${name} of zone ${zone} ended`),
  );
}

const noZone = (): Failure =>
  new Failure(
    exitCode.usage,
    "Usage",
    "mesh agent needs --zone",
    "mesh agent --help lists what it takes; credentials of mesh zone init say it, too",
  );

function split(label: string): [string, string] {
  const at = label.indexOf("=");
  if (at > 0) return [label.slice(0, at), label.slice(at + 1)];
  throw new Failure(exitCode.usage, "Usage", `--label ${label} has no value`, "write --label key=value");
}
