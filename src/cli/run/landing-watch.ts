/**
 * After the verdict: waits for the run to land in ClickHouse, which the root of this very command does. Root says in a
 * line why it cannot; then nobody waits, for the next leader lands the run. Nothing here changes the exit code.
 */
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import { subjects } from "../../../streams/subjects.ts";
import type { Server, ServerError } from "../../ports/server.ts";

/** Landing takes a second; what has not come after this comes with the next root. */
const WAIT_MS = 15_000;
/** Somebody who waits this long is told what for. */
const TOLD_AFTER_MS = 3000;

/** A reason that names no run is one for all of them. */
const LATER = /^\[root\] history lands later: (?:run (\S+): )?(.*)$/;

export class LandingWatch {
  readonly #note: (line: string) => void;
  readonly #run: string;
  readonly #left = Deferred.makeUnsafe<void>();

  constructor(note: (line: string) => void, run: string) {
    this.#note = note;
    this.#run = run;
  }

  /** True when a line of a role is the reason why our run does not land now; it is passed on as our own. */
  hears(line: string): boolean {
    const [, run = this.#run, reason] = LATER.exec(line) ?? [];
    if (reason === undefined || run !== this.#run) return false;
    this.#note(`history lands later: ${reason}`);
    this.leave();
    return true;
  }

  /** Waits no longer. */
  readonly leave = (): void => {
    Effect.runSync(Deferred.succeed(this.#left, undefined));
  };

  untilLanded(server: Server): Effect.Effect<void> {
    const told = this.#tell(
      "waiting for the run to land in ClickHouse (Ctrl-C leaves it to the next command)",
    );
    const over = this.#tell(`history lands later: it took longer than ${WAIT_MS / 1000} s`);
    return Effect.raceAllFirst([
      Deferred.await(this.#left),
      untilEvent(server, this.#run),
      told.pipe(Effect.delay(TOLD_AFTER_MS), Effect.andThen(Effect.never)),
      over.pipe(Effect.delay(WAIT_MS)),
    ]).pipe(Effect.catch(({ message }) => this.#tell(`history lands later: ${message}`)));
  }

  readonly #tell = (line: string): Effect.Effect<void> => Effect.sync(() => this.#note(line));
}

const untilEvent = (server: Server, run: string): Effect.Effect<void, ServerError> =>
  Effect.gen(function* () {
    const landed = yield* Deferred.make<void>();
    const subject = subjects.runEvent(run, "HistoryLanded");
    const following = server.log.follow({ asset: "runEvents", zone: "" }, [subject], 1, () =>
      Deferred.succeed(landed, undefined).pipe(Effect.asVoid),
    );
    yield* Effect.raceFirst(Deferred.await(landed), following);
  });
