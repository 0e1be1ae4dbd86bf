/**
 * What several checks look at, asked for once and shared: the keeper, the server of the mesh, who is there. Each answer
 * is a promise that may reject; the checks that need it then say so or are silent.
 */
import * as Effect from "effect/Effect";
import { homeDirectory } from "../../keeper/home.ts";
import { inspectKeeper, type KeeperStatus } from "../../keeper/keeper.ts";
import { meshStatus, type MeshStatus } from "../../roles/door/mesh-status.ts";
import { unlandedRuns } from "../../roles/unlanded.ts";
import { openServer, type Probe, probeServer, type Survey, surveyServer } from "../../wiring.ts";
import { credentialsIn } from "../credentials.ts";
import { findPlace, type Place, type PlaceFlags, reach } from "../place.ts";

/** A server to look at: the one that was named, or the embedded one when it is up. */
export interface Broker {
  readonly url: string;
  readonly credsFile: string | undefined;
  readonly tls: Place["tls"];
  readonly isNamed: boolean;
}

/** Who is there, and runs that wait to land. */
export interface Mesh extends MeshStatus {
  readonly unlanded: readonly string[];
}

export interface Patient {
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isNamed: boolean;
  /** Named for this command, or by the folder that it runs in. */
  readonly credsFile: string | undefined;
  readonly keeper: () => Promise<KeeperStatus | undefined>;
  /** Undefined when there is none to look at. */
  readonly broker: () => Promise<Broker | undefined>;
  readonly survey: () => Promise<Survey | undefined>;
  readonly probe: () => Promise<Probe | undefined>;
  readonly mesh: () => Promise<Mesh | undefined>;
}

/** Asks nothing yet. `signal` ends what was asked. */
export function patientOf(flags: PlaceFlags, signal: AbortSignal): Patient {
  const keeper = once(inspectKeeper);
  const broker = once(async () => (flags.nats === undefined ? embedded(await keeper()) : named(flags)));
  const survey = once(async () => {
    const found = await broker();
    return found && surveyServer({ ...found, name: `doctor-${process.pid}` });
  });
  const probe = once(async () => {
    const found = (await survey()) && (await broker());
    const own = credentialsIn(found?.credsFile);
    const { agent = "", role, zone = "" } = own ?? {};
    const holder = role === undefined ? undefined : { role, zone, agent };
    return found && probeServer({ ...found, name: `doctor-${process.pid}` }, holder);
  });
  const mesh = once(async () => {
    // A zone's own server knows nothing of runs and roots.
    const found = (await survey())?.zone === undefined ? await broker() : undefined;
    return found && askMesh(found, signal);
  });
  const isNamed = flags.nats !== undefined;
  const at = { home: homeDirectory(), env: process.env, isNamed, credsFile: flags.creds };
  return { ...at, keeper, broker, survey, probe, mesh };
}

function once<A>(ask: () => Promise<A>): () => Promise<A> {
  let answer: Promise<A> | undefined;
  return () => (answer ??= ask());
}

function embedded(keeper: KeeperStatus | undefined): Broker | undefined {
  const url = keeper?.servers.find(({ name }) => name === "nats-server")?.url;
  return url === undefined ? undefined : { url, credsFile: keeper?.nkeyFile, tls: undefined, isNamed: false };
}

async function named(flags: PlaceFlags): Promise<Broker> {
  return { ...reach(await findPlace(flags, () => {})), isNamed: true };
}

const askMesh = (broker: Broker, signal: AbortSignal): Promise<Mesh> =>
  Effect.runPromise(
    Effect.scoped(
      Effect.gen(function* () {
        const server = yield* openServer({ ...reach(broker), name: `doctor-${process.pid}` });
        const [status, unlanded] = yield* Effect.all([meshStatus(server), unlandedRuns(server)]);
        return { ...status, unlanded };
      }),
    ),
    { signal },
  );
