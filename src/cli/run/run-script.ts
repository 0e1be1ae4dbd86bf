/**
 * `mesh run`, whole: find or start a mesh, ask it for a run, follow the run's log to its verdict, show it, and leave
 * nothing behind. Everything it shows comes from the log; it decides nothing.
 */
import { randomBytes } from "node:crypto";
import * as Effect from "effect/Effect";
import { awaitsLanding } from "../../domain/run/state.ts";
import type { SummaryDocument } from "../../domain/summary/document.ts";
import type { Server } from "../../ports/server.ts";
import { requestRun } from "../../roles/door/ask.ts";
import { followRun, type View } from "../../roles/door/follow-run.ts";
import { openServer } from "../../wiring.ts";
import { actor } from "../actor.ts";
import { type LiveView, openLiveView } from "../live/live-view.ts";
import { checkDoor } from "../credentials.ts";
import { findPlace, type Place, reach, type PlaceFlags } from "../place.ts";
import { followAll, type Reporters } from "../report/reporters.ts";
import { type EmbeddedMesh, startEmbedded, zoneName } from "./embedded.ts";
import { LandingWatch } from "./landing-watch.ts";
import { Interrupts } from "./interrupts.ts";
import { readLabels } from "./labels.ts";
import { EMBEDDED_ZONE, readEnv, readZones } from "./options.ts";
import { LeftValues } from "./left-values.ts";
import { problemsFailure } from "./problems-failure.ts";
import { prepareScript } from "./script.ts";
import { readSecrets } from "./secrets.ts";
import { writeOutputs } from "./summary-outputs.ts";

export interface RunFlags extends PlaceFlags {
  readonly script: string;
  readonly zones?: string | undefined;
  readonly agents?: number | undefined;
  readonly env: readonly string[];
  /** Where the values of secrets are. */
  readonly secrets: readonly string[];
  readonly label: readonly string[];
  readonly vus?: number | undefined;
  readonly duration?: string | undefined;
  readonly iterations?: number | undefined;
  readonly stages?: readonly string[] | undefined;
  readonly seed?: number | undefined;
  readonly history: boolean;
  readonly reporters: Reporters;
  /** For people, on stderr. */
  readonly note: (line: string) => void;
  /** For people, on stdout. */
  readonly print: (text: string) => void;
}

export interface RunDone {
  readonly exitCode: number;
  readonly document: SummaryDocument | undefined;
}

export async function runScript(asked: Omit<RunFlags, "note">): Promise<RunDone> {
  const run = newRunId();
  const live = openLiveView(run, process.stderr);
  const flags: RunFlags = { ...asked, note: live.note };
  const isEmbedded = flags.nats === undefined;
  const given = readZones(flags.zones ?? EMBEDDED_ZONE);
  const env = readEnv(flags.env);
  const secrets = readSecrets(flags.secrets);
  const labels = readLabels(flags.label);
  const place = await findPlace(flags, flags.note);
  if (!isEmbedded) checkDoor(place.credsFile, "ask");
  const zones = given.map(({ zone, weight }) => ({ zone: zoneName(zone, place.keeper?.slot ?? 0), weight }));
  if ((place.keeper?.slot ?? 0) > 0) flags.note(apart(zones.map(({ zone }) => zone)));
  const agents = flags.agents ?? zones.length;
  const landing = new LandingWatch(flags.note, run);
  const notes = quietly(flags.note, (line) => landing.hears(line));
  const mesh = isEmbedded ? startEmbedded(place, zones, agents, notes.role) : undefined;
  const left = new LeftValues(
    run,
    zones.map(({ zone }) => zone),
    flags.note,
  );
  const kill = mesh && (() => mesh.kill().then(() => left.eraseAt(place)));
  const interrupts = new Interrupts(flags.note, kill);
  try {
    const prepared = await prepareScript({
      ...flags,
      zones,
      agents,
      env,
      secrets,
      labels,
      embedded: isEmbedded,
    });
    left.expect(prepared.request.env);
    try {
      return await Effect.runPromise(
        Effect.scoped(
          Effect.gen(function* () {
            const server = yield* openServer({ ...reach(place), name: `door-${run}` });
            yield* requestRun(server, { ...prepared, run, actor: actor() });
            interrupts.watch(server, run, actor());
            const view = yield* follow(server, run, { live, reporters: flags.reporters }, mesh, place);
            const done = yield* Effect.tryPromise({
              try: () => conclude(flags, view),
              catch: (e) => e as Error,
            });
            if (mesh === undefined || !awaitsLanding(view.state)) return done;
            interrupts.leaveWith(landing.leave);
            yield* landing.untilLanded(server);
            return done;
          }),
        ),
      ).catch((error: unknown) => {
        notes.tellHidden();
        throw error;
      });
    } finally {
      await prepared.target?.stop();
    }
  } finally {
    interrupts.close();
    await mesh?.stop();
    if (isEmbedded) await left.eraseAt(place);
    await place.keeper?.release();
  }
}

/** Who is told of a run while it goes on. */
interface Watching {
  readonly live: LiveView;
  readonly reporters: Reporters;
}

/** Follows to the end, unless what carries the run breaks first. */
function follow(
  server: Server,
  run: string,
  { live, reporters }: Watching,
  mesh: EmbeddedMesh | undefined,
  place: Place,
) {
  const followers = followAll([reporters.hasProgress ? live : {}, reporters.follower]);
  const lost = Effect.promise(() => place.lost).pipe(Effect.flatMap(Effect.fail));
  const broken = Effect.tryPromise({
    try: () => mesh?.broken ?? new Promise<never>(() => {}),
    catch: (error) => error as Error,
  });
  return Effect.raceAllFirst([followRun(server, run, followers), lost, broken]).pipe(
    Effect.ensuring(Effect.sync(live.close)),
  );
}

async function conclude(flags: RunFlags, { state }: View): Promise<RunDone> {
  if (state.phase === "refused") throw problemsFailure(flags.script, state.problems);
  const document = state.summary?.document as SummaryDocument | undefined;
  const outputs = state.stages.summary;
  if (outputs?.failure !== undefined) flags.note(`handleSummary: ${outputs.failure.message}`);
  const isReplaced = await writeOutputs(outputs?.value, { ...flags, printError });
  flags.reporters.end(document, isReplaced);
  return { exitCode: state.verdict?.exitCode ?? 1, document };
}

/** The script's own text, as on stdout: it has its colours, and its code ran here. The live view is closed by then. */
const printError = (text: string): void => void process.stderr.write(`${text}\n`);

/** Sorts by start, and is unique without asking anybody. */
const newRunId = (): string => `${Date.now().toString(36)}-${randomBytes(3).toString("hex")}`;

/** What roles say of their own on every good day, word for word: a script may log anything like it. */
const ROUTINE = [
  /^\[root\] (leading, epoch \d+|took over run \S+, epoch \d+|standing by: \S+ leads)$/,
  /^\[zone \S+\] (zone \S+, incarnation \d+|waiting for a root: .*)$/,
  // Words of an earlier run that were meant for a node of the same name.
  /^\[(?:agent|zone) \S+\] refused \S+ of epoch \d+: epoch \d+ leads$/,
  /^\[agent \S+\] (joined zone \S+ as \S+|waiting for zone \S+: .*)$/,
];
const HIDDEN_MAX = 50;

/** Lines of roles are shown only when they carry something a person should see; the others when the run fails. */
function quietly(note: (line: string) => void, isHeard: (line: string) => boolean) {
  const hidden: string[] = [];
  return {
    role: (line: string) => {
      if (isHeard(line)) return;
      if (!ROUTINE.some((routine) => routine.test(line))) return note(line);
      if (hidden.push(line) > HIDDEN_MAX) hidden.shift();
    },
    tellHidden: () => {
      for (const line of hidden.splice(0)) note(line);
    },
  };
}

/** Why the zones are not called what was asked for. */
const apart = (zones: readonly string[]): string =>
  `other commands use these servers at the same time, so this run has zones of its own: ${zones.join(", ")}; they share this machine, and figures may suffer`;
