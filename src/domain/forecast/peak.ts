/**
 * The most that scenarios ask for at once. Exact however short the peak: what they ask for goes in straight pieces, so it
 * is highest where a piece begins or ends. Pure.
 */
import type { Scenario } from "../../../streams/schema/plan.ts";
import { paceOf } from "../pace/pace-of.ts";
import type { Piece } from "../pace/piece.ts";

/** VUs of closed scenarios, or starts per second of open ones; of each only its part where `parts` are given. */
export function peakOf(scenarios: readonly Scenario[], parts?: readonly number[]): number {
  const walks = scenarios.map((each) => new Walk(piecesOf(each)));
  const sum = (values: readonly number[]) =>
    values.reduce((total, value, n) => total + value * (parts?.[n] ?? 1), 0);
  let peak = 0;
  for (const us of instantsOf(walks)) {
    const before = sum(walks.map((walk) => walk.before(us)));
    const after = sum(walks.map((walk) => walk.after(us)));
    peak = Math.max(peak, before, after);
  }
  return peak;
}

/** In the time of the run. */
function piecesOf(scenario: Scenario): readonly Piece[] {
  const startUs = scenario.startTimeMs * 1000;
  return paceOf(scenario, [])
    .asks()
    .map((piece) => ({ ...piece, fromUs: piece.fromUs + startUs, untilUs: piece.untilUs + startUs }));
}

/** Where pieces begin and end, in order. */
const instantsOf = (walks: readonly Walk[]): readonly number[] =>
  [...new Set(walks.flatMap(({ ends }) => ends))].toSorted((a, b) => a - b);

/** Goes along the pieces of one scenario; instants must not go back. */
class Walk {
  readonly #pieces: readonly Piece[];
  #at = 0;

  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces;
  }

  get ends(): readonly number[] {
    return this.#pieces.flatMap(({ fromUs, untilUs }) => [fromUs, untilUs]);
  }

  /** What is asked for just before an instant. */
  before(us: number): number {
    while ((this.#pieces[this.#at]?.untilUs ?? us) < us) this.#at += 1;
    const piece = this.#pieces[this.#at];
    return piece !== undefined && piece.fromUs < us ? heightAt(piece, us) : 0;
  }

  /** What is asked for at an instant and just after it. */
  after(us: number): number {
    while ((this.#pieces[this.#at]?.untilUs ?? Infinity) <= us) this.#at += 1;
    const piece = this.#pieces[this.#at];
    return piece !== undefined && piece.fromUs <= us ? heightAt(piece, us) : 0;
  }
}

const heightAt = ({ from, fromUs, to, untilUs }: Piece, us: number): number =>
  from + ((to - from) * (us - fromUs)) / (untilUs - fromUs);
