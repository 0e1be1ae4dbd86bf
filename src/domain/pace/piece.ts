/**
 * What a scenario asks for over time, as straight pieces one behind the other: VUs of the closed model, starts per second
 * of the open one. Says nothing of single starts or VUs; that is the pace's.
 */
import type { Stage } from "../../../streams/schema/plan.ts";

/** From one level to another, µs from the scenario's own start. Never without length. */
export interface Piece {
  readonly fromUs: number;
  readonly untilUs: number;
  readonly from: number;
  readonly to: number;
}

/** The same all the time. */
export const level = (untilUs: number, height: number): readonly Piece[] => [
  { fromUs: 0, untilUs, from: height, to: height },
];

/** From target to target; `scale` is what one of them is in the unit of the pieces. */
export function slopes(start: number, stages: readonly Stage[], scale = 1): readonly Piece[] {
  const pieces: Piece[] = [];
  let [fromUs, from] = [0, start * scale];
  for (const { durationMs, target } of stages) {
    const piece = { fromUs, untilUs: fromUs + durationMs * 1000, from, to: target * scale };
    if (durationMs > 0) pieces.push(piece);
    [fromUs, from] = [piece.untilUs, piece.to];
  }
  return pieces;
}
