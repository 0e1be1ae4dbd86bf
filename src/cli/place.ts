/**
 * Where a command finds its mesh: the server named by `--nats`, or the embedded one that the keeper owns. Holding the
 * keeper keeps the servers up for as long as the command runs.
 */
import type { KeeperLease } from "../keeper/keeper.ts";
import type { TlsFiles } from "../wiring.ts";
import { checkExpiry, credentialsIn } from "./credentials.ts";
import { exitCode, Failure } from "./exit-codes.ts";
import { refuseFolderHere } from "./folder-here.ts";

export interface Place {
  readonly url: string;
  readonly credsFile: string | undefined;
  readonly tls: TlsFiles | undefined;
  /** Undefined where the mesh is somebody else's. */
  readonly keeper: KeeperLease | undefined;
  /** Resolves when a door that was let in is so no longer, or the embedded servers are gone. */
  readonly lost: Promise<Error>;
  readonly onEnd: (failure: Error) => void;
}

export interface PlaceFlags {
  readonly nats?: string | undefined;
  readonly creds?: string | undefined;
  /** What the flags, the environment, a context or the config file name for this server. */
  readonly tlsFiles?: TlsFiles | undefined;
  /** A zone's, where nothing says with which credentials to ask: then this is the folder of that zone. */
  readonly zoneCreds?: string | undefined;
}

/** What it takes to open a connection to a place. */
export const reach = ({ credsFile, onEnd, tls, url }: Reach) => ({ url, credsFile, tls, onEnd });
export interface Reach extends Pick<Place, "url" | "credsFile" | "tls"> {
  readonly onEnd?: Place["onEnd"] | undefined;
}

export async function findPlace(flags: PlaceFlags, onNote: (line: string) => void): Promise<Place> {
  const { promise: lost, resolve: onEnd } = Promise.withResolvers<Error>();
  if (flags.nats !== undefined) {
    if (flags.zoneCreds !== undefined) throw inZoneFolder(flags.zoneCreds);
    const credsFile = flags.creds ?? (await embeddedCreds(flags.nats));
    if (credsFile === undefined) await refuseFolderHere(flags.nats);
    checkExpiry(credsFile, onNote);
    return { url: flags.nats, credsFile, tls: flags.tlsFiles, keeper: undefined, lost, onEnd };
  }
  const { holdKeeper } = await import("../keeper/keeper.ts");
  const keeper = await holdKeeper({ onNote });
  void keeper.lost.then(onEnd);
  return { url: keeper.nats.url, credsFile: keeper.nats.nkeyFile, tls: undefined, keeper, lost, onEnd };
}

/** Not even tried: a server would write down that somebody was refused. */
function inZoneFolder(zoneCreds: string): Failure {
  const zone = credentialsIn(zoneCreds)?.zone;
  const whose = zone === undefined ? "a zone" : `zone ${zone}`;
  return new Failure(
    exitCode.usage,
    "ZoneFolder",
    `this asks the hub, and this is the folder of ${whose}, whose credentials ask nothing there`,
    "here: mesh doctor; of the whole mesh: the same in the hub's folder, or with --nats and --creds of a door",
  );
}

/** The address that `mesh up` printed needs no `--creds` from whoever may read this state directory. */
async function embeddedCreds(url: string): Promise<string | undefined> {
  const { inspectKeeper } = await import("../keeper/keeper.ts");
  const status = await inspectKeeper().catch(() => undefined);
  return status?.servers.some((server) => server.url === url) === true ? status.nkeyFile : undefined;
}
