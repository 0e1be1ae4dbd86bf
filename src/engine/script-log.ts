/**
 * What scripts say and how their iterations fail, as lines for the agent: limited per second, with the rest counted,
 * so that a script that throws in every iteration cannot drown the generator.
 */
import { IterationFailed, RunAborted } from "../script/flow.ts";
import { FAILURES_PER_SECOND } from "./limits.ts";
import { failureText, type SourcePlaces } from "./source-places.ts";

export class ScriptLog {
  readonly #places: SourcePlaces;
  readonly #say: (line: string) => void;
  #second = 0;
  #said = 0;
  #silent = 0;

  constructor(places: SourcePlaces, say: (line: string) => void) {
    this.#places = places;
    this.#say = say;
  }

  /** @param what such as "iteration failed" */
  failed(what: string, thrown: unknown): void {
    if (thrown instanceof RunAborted) return;
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#second) {
      this.#tellSilent(what);
      this.#second = second;
      this.#said = 0;
    }
    if (++this.#said > FAILURES_PER_SECOND) {
      this.#silent++;
      return;
    }
    const failure = this.#places.describe(thrown);
    const text = thrown instanceof IterationFailed ? { ...failure, name: "fail" } : failure;
    this.#say(`${what}: ${failureText(text)}`);
  }

  /** Tells of what was left out and not told yet. */
  #tellSilent(what: string): void {
    if (this.#silent > 0) this.#say(`${what}: ${this.#silent} more in that second`);
    this.#silent = 0;
  }
}
