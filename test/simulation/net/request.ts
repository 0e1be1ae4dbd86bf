/** A question to a server with one answer: bounded, and lost when the connection breaks, as with the NATS client. */
import * as Effect from "effect/Effect";
import { type Asked, ServerError } from "../../../src/ports/server.ts";
import type { Connection } from "./connection.ts";

const PAUSE = "100 millis";

/** How this connection asks: it waits so long for an answer, and where nobody answers tries so many times. */
export const request =
  (connection: Connection, withinUs: number, tries = 1) =>
  <A>(address: string, asked: Asked<A>): Asked<A> =>
    tries === 1
      ? once(connection, withinUs, address, asked)
      : once(connection, withinUs, address, asked).pipe(
          Effect.catchTag("ServerError", (error) =>
            error.reason === "unavailable"
              ? Effect.delay(request(connection, withinUs, tries - 1)(address, asked), PAUSE)
              : Effect.fail(error),
          ),
        );

const once = <A>(connection: Connection, withinUs: number, address: string, asked: Asked<A>): Asked<A> =>
  Effect.callback((resume) => {
    const { client, host, weather } = connection;
    const timer = client.after(withinUs, () => resume(Effect.fail(unanswered(address))));
    const settle = (answer: Asked<A>) => {
      timer.act = undefined;
      resume(answer);
    };
    if (!weather.losesRequest) {
      connection.up(() =>
        host.ask(asked, (exit) => {
          if (!weather.losesAnswer) connection.down(() => settle(exit));
        }),
      );
    }
    return Effect.sync(() => {
      timer.act = undefined;
    });
  });

const unanswered = (address: string) =>
  new ServerError({ operation: "ask for", address, reason: "unavailable", detail: "no answer in time" });
