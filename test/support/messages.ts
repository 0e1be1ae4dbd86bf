/**
 * Messages for the contract suite of the server port and for the integration tests of NATS: notes that say one word,
 * and waiting until so many came. No message of the contract itself.
 */
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import type { Outgoing } from "../../src/domain/log/codec.ts";
import type { Handler, ServerError, Stored } from "../../src/ports/server.ts";

/** A message that says `text`, which is also its id unless another is given. */
export const note = (text: string, id = text): Outgoing => ({
  envelope: { id, type: "Note", version: 1, time: 1, epoch: 2, actor: "me", correlation: "c", causation: "" },
  data: new TextEncoder().encode(text),
});

export const textOf = ({ data }: { readonly data: Uint8Array }): string => new TextDecoder().decode(data);

/** A stored message as far as both worlds must agree to the letter. */
export const plain = ({ subject, sequence, envelope, data }: Stored) => ({
  subject,
  sequence,
  envelope,
  text: textOf({ data }),
});

/** What `plain` makes of a note. */
export const noted = (subject: string, sequence: number, text: string, id = text) => ({
  subject,
  sequence,
  envelope: note(text, id).envelope,
  text,
});

/** Listens until so many messages came, and returns them. */
export const gather = Effect.fnUntraced(function* <M>(
  count: number,
  listen: (handle: Handler<M>) => Effect.Effect<never, ServerError>,
) {
  const got: M[] = [];
  const enough = yield* Deferred.make<void>();
  const handle = (message: M) =>
    Effect.suspend(() => {
      got.push(message);
      return got.length < count ? Effect.void : Deferred.succeed(enough, undefined).pipe(Effect.asVoid);
    });
  yield* Effect.raceFirst(listen(handle), Deferred.await(enough));
  return got;
});

/** The reason of a failure; a success is a failure here. */
export const reasonOf = <A>(asked: Effect.Effect<A, ServerError>) =>
  asked.pipe(
    Effect.flip,
    Effect.mapError((value) => new Error(`it succeeded with ${JSON.stringify(value)}`)),
    Effect.map(({ reason }) => reason),
  );
