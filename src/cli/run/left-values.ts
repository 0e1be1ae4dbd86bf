/**
 * The end of a mesh of our own: when its roles are gone nobody writes any more, and what they may have left of the
 * run's values (`--env`, secrets) is erased, whatever ended them. On another mesh its root and zones do it.
 */
import * as Effect from "effect/Effect";
import { eraseValues } from "../../roles/erase-values.ts";
import { openServer } from "../../wiring.ts";
import { type Place, reach } from "../place.ts";

/** The server was there a moment ago. */
const ERASED_WITHIN = "4 seconds";

export class LeftValues {
  readonly #run: string;
  readonly #zones: readonly string[];
  readonly #note: (line: string) => void;
  #hasAny = false;

  constructor(run: string, zones: readonly string[], note: (line: string) => void) {
    this.#run = run;
    this.#zones = zones;
    this.#note = note;
  }

  /** What the run's request names is about to be stored. */
  expect(names: readonly string[]): void {
    this.#hasAny = names.length > 0;
  }

  /** After the roles have ended. Never rejects. */
  async eraseAt(place: Place): Promise<void> {
    if (!this.#hasAny) return;
    const problem = await openServer({ ...reach(place), name: `door-${this.#run}-end` }).pipe(
      Effect.flatMap((server) => eraseValues(server, this.#run, this.#zones)),
      Effect.scoped,
      Effect.timeout(ERASED_WITHIN),
      Effect.catch(({ message }) => Effect.succeed(message)),
      Effect.runPromise,
    );
    if (problem === undefined) return;
    this.#note(`what --env and --secret gave may still be on disk (${problem}); the next mesh run erases it`);
  }
}
