/** What a command says when it has no connection: a login that came too late is not one that was refused. */
import { expect, it } from "vitest";
import { errors } from "@nats-io/nats-core";
import { ConnectFailure, failureOf } from "../../../src/nats/connect-failure.ts";

const said = (message: string) => {
  const failure = failureOf({ url: "nats://hub:4222", name: "door" }, new errors.AuthorizationError(message));
  return failure instanceof ConnectFailure ? [failure.message, failure.hint] : [];
};

it.each([
  ["'Authorization Violation'", "refused the login", "pass --creds FILE"],
  ["'Authentication Timeout'", "did not wait any longer for the login of this command", "try again"],
])("says of %s that the server %s", (message, what, hint) => {
  expect(said(message)).toEqual([
    `the NATS server at nats://hub:4222 ${what}`,
    expect.stringContaining(hint),
  ]);
});
