/**
 * The two worlds in which the server port must behave the same: memory, where a clock that we turn makes ten seconds
 * pass in milliseconds, and a real nats-server. Each program gets connections to one server and a zone of its own.
 */
import * as Effect from "effect/Effect";
import type * as Scope from "effect/Scope";
import { TestClock } from "effect/testing";
import { natsServer } from "../../../src/nats/nats-server.ts";
import { MemoryHub, memoryServer } from "../../../src/ports/memory-server.ts";
import type { Server } from "../../../src/ports/server.ts";
import { type PrivateNats, startNats } from "../../support/nats.ts";

export interface Place {
  /** A further connection to the same server. */
  readonly connect: Effect.Effect<Server, Error, Scope.Scope>;
  /** A zone, and a run, that no other program uses. */
  readonly zone: string;
  readonly run: string;
}

export type Program<A> = (place: Place) => Effect.Effect<A, Error, Scope.Scope>;

/** States one clause of the contract and the program that shows it. */
export type Holds = (what: string, program: Program<void>) => void;

export interface World {
  readonly name: string;
  readonly open: () => Promise<void>;
  readonly run: <A>(program: Program<A>) => Promise<A>;
  readonly close: () => Promise<void>;
}

/** A connection to a server that holds everything of the hub and of the program's zone. */
export const opened = Effect.fnUntraced(function* ({ connect, zone }: Place) {
  const server = yield* connect;
  yield* server.admin.provision("hub", "");
  yield* server.admin.provision("link", zone);
  yield* server.admin.provision("zone", zone);
  return server;
});

/** Every program ends within this time of its own clock. */
const BOUND = "25 seconds";
/** An instant like any other: in November 2026. */
const SOME_DAY_MS = 1_795_305_600_000;

export function memoryWorld(): World {
  return {
    name: "memory",
    open: () => Promise.resolve(),
    close: () => Promise.resolve(),
    run: (program) => {
      const hub = new MemoryHub();
      const connect = Effect.sync(() => memoryServer(hub));
      const bounded = program({ connect, zone: "z", run: "r" }).pipe(Effect.scoped, Effect.timeout(BOUND));
      return Effect.raceFirst(bounded, turnTheClock).pipe(
        Effect.provide(TestClock.layer()),
        Effect.runPromise,
      );
    },
  };
}

/** Lets time pass, a little at a time, whenever every fiber has done what it could. */
const turnTheClock = TestClock.setTime(SOME_DAY_MS).pipe(
  Effect.andThen(
    TestClock.adjust("10 millis").pipe(Effect.andThen(Effect.promise(afterEveryFiber)), Effect.forever),
  ),
);

function afterEveryFiber(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

export function natsWorld(): World {
  let nats: PrivateNats | undefined;
  let count = 0;
  return {
    name: "nats-server",
    open: async () => {
      nats = await startNats();
    },
    close: async () => nats?.stop(),
    run: (program) => {
      count += 1;
      const connect = natsServer({ url: nats?.url ?? "", name: "contract" });
      const place = { connect, zone: `z${count}`, run: `r${count}` };
      return program(place).pipe(Effect.scoped, Effect.timeout(BOUND), Effect.runPromise);
    },
  };
}
