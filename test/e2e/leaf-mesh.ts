/**
 * A hub and private zones, each with a server of its own that dials out, as `mesh hub init` and `mesh zone init` make them;
 * root, coordinators and agents in their own folders, with their own credentials, knowing nothing but their own server.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import * as jwt from "@nats-io/jwt";
import { credsAuthenticator } from "@nats-io/nats-core";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { keyIn } from "../../src/trust/folder.ts";
import { newUser } from "../../src/trust/keys.ts";
import { createMeshHome, type MeshHome, type MeshProcess } from "../support/run-mesh.ts";
import { type TrustedMesh, type TrustedServer, trustedMesh, type Zones } from "../support/trusted-mesh.ts";

export interface LeafMesh extends AsyncDisposable {
  readonly trust: TrustedMesh;
  readonly home: MeshHome;
  /** Where a door stands: its credentials and the hub's address are in the folder. */
  readonly hub: { readonly cwd: string };
  readonly root: MeshProcess;
  readonly zones: Readonly<Record<string, MeshProcess>>;
  readonly agents: readonly MeshProcess[];
}

export const UP_WITHIN_MS = 60_000;

type Environment = Readonly<Record<string, string>>;

/** Everybody has joined when this resolves. `env`: what the roles of a zone find in their environment, by zone. */
export async function startLeafMesh(
  zones: Zones,
  env: Readonly<Record<string, Environment>> = {},
): Promise<LeafMesh> {
  const trust = await trustedMesh({ zones });
  const home = createMeshHome();
  const dispose = async () => {
    try {
      await home.dispose();
    } finally {
      await trust[Symbol.asyncDispose]();
    }
  };
  try {
    const hub = { cwd: trust.hub.folder.path };
    const root = home.start(["root"], hub);
    await root.stderr.line(/leading, epoch \d+/, UP_WITHIN_MS);
    const coordinators: Record<string, MeshProcess> = {};
    const members: MeshProcess[] = [];
    for (const [zone, names] of Object.entries(zones)) {
      const there = { cwd: trust.zones[zone]?.folder.path ?? "", env: env[zone] ?? {} };
      coordinators[zone] = home.start(["zone", zone], there);
      for (const name of names) {
        members.push(home.start(["agent", "--creds", `agents/${name}.creds`, "--cores", "1"], there));
      }
    }
    const coordinating = Object.values(coordinators).map(({ stderr }) =>
      stderr.line(/incarnation 1$/, UP_WITHIN_MS),
    );
    await Promise.all([
      ...coordinating,
      ...members.map(({ stderr }) => stderr.line(/joined zone/, UP_WITHIN_MS)),
    ]);
    return { trust, home, hub, root, zones: coordinators, agents: members, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Somebody who may do everything in the account where the mesh lives at one server: whoever keeps its keys. */
export async function openAsKeeper({ folder, url }: TrustedServer): Promise<NatsConnection> {
  const user = newUser();
  const token = await jwt.encodeUser("keeper", user.pair, keyIn(folder, "account").pair);
  return connect({ servers: url, authenticator: credsAuthenticator(jwt.fmtCreds(token, user.pair)) });
}

/** Ports that a process has connections to, now. */
export function dialledBy({ pid }: Pick<MeshProcess, "pid">): ReadonlySet<number> {
  const own = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return [/^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? ""];
      } catch {
        return []; // closed meanwhile
      }
    }),
  );
  const lines = ["tcp", "tcp6"].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, "utf8").trim().split("\n").slice(1),
  );
  const fields = lines.map((line) => line.trim().split(/\s+/));
  const ports = fields.flatMap(([, , remote = "", , , , , , , inode = ""]) =>
    own.has(inode) ? [Number.parseInt(remote.split(":")[1] ?? "", 16)] : [],
  );
  return new Set(ports.filter((port) => port > 0));
}
