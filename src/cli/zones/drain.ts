/** `mesh zone drain`: no new runs for a zone, or new ones again. Returns when root has written it down. */
import { randomBytes } from "node:crypto";
import * as Effect from "effect/Effect";
import { requestDrain } from "../../roles/door/ask-mesh.ts";
import { actor } from "../actor.ts";
import { askServer, type Note, withRoot } from "../at-server.ts";
import { exitCode, Failure } from "../exit-codes.ts";
import type { PlaceFlags } from "../place.ts";

export interface DrainFlags extends PlaceFlags {
  readonly undo: boolean;
  readonly reason?: string | undefined;
}

export interface Drained {
  readonly zone: string;
  readonly drained: boolean;
}

export const drainZone = (zone: string, flags: DrainFlags, note: Note): Promise<Drained> =>
  askServer(flags, note, (server, place) => {
    const id = `${zone}-drain-${randomBytes(4).toString("hex")}`;
    const asked = requestDrain(server, { zone, actor: actor(), id, reason: flags.reason }, flags.undo);
    return withRoot(place, asked).pipe(
      Effect.catchTag("CommandRefused", ({ reason }) =>
        Effect.fail(new Failure(exitCode.usage, "CommandRefused", reason, "mesh zone ls shows the zones")),
      ),
      Effect.as({ zone, drained: !flags.undo }),
    );
  });

export const drainedText = ({ drained, zone }: Drained): string =>
  drained
    ? `zone ${zone} gets no new runs; those it has go on. mesh zone drain ${zone} --undo opens it again\n`
    : `zone ${zone} gets new runs again\n`;
