/**
 * Object stores: bundles and run environments. The store checks its own SHA-256 while reading. Writing an object again
 * takes the old chunks away from whoever reads them, and that reader then waits for ever: so the same bytes are not
 * written twice, and a read is bounded and tried again.
 */
import { createHash } from "node:crypto";
import type { JetStreamClient } from "@nats-io/jetstream";
import { Objm, type ObjectStore } from "@nats-io/obj";
import * as Effect from "effect/Effect";
import * as Schedule from "effect/Schedule";
import { assets } from "../../streams/assets.ts";
import { type AssetRef, type Objects, ServerError } from "../ports/server.ts";
import { toServerError } from "./nats-errors.ts";

const READ_WITHIN = "3 seconds";
const READ_AGAIN = 3;

const unread = ({ asset }: AssetRef, name: string): ServerError =>
  new ServerError({
    operation: "fetch",
    address: name,
    reason: "unavailable",
    detail: `the object could not be read from ${asset} in time`,
  });

/** Whether the store has exactly these bytes under this name. */
async function holds(store: ObjectStore, name: string, bytes: Uint8Array): Promise<boolean> {
  const info = await store.info(name);
  const digest = `SHA-256=${createHash("sha256").update(bytes).digest("base64url")}`;
  return info !== null && !info.deleted && info.digest.replace(/=+$/, "") === digest;
}

export function natsObjects(js: JetStreamClient): Objects {
  const objm = new Objm(js);
  const attempt = <A>(
    operation: string,
    where: AssetRef,
    name: string,
    use: (store: ObjectStore) => Promise<A>,
  ) =>
    Effect.tryPromise({
      try: async () => use(await objm.open(assets[where.asset].name(where.zone))),
      catch: (error) => toServerError(operation, name, error),
    });
  return {
    put: (where, name, bytes) =>
      attempt("store", where, name, async (store) => {
        if (!(await holds(store, name, bytes))) await store.putBlob({ name }, bytes);
      }),
    get: (where, name) =>
      attempt("fetch", where, name, async (store) => (await store.getBlob(name)) ?? undefined).pipe(
        Effect.timeoutOrElse({ duration: READ_WITHIN, orElse: () => Effect.fail(unread(where, name)) }),
        Effect.retry({
          schedule: Schedule.spaced("100 millis"),
          times: READ_AGAIN,
          while: ({ reason }) => reason === "unavailable",
        }),
      ),
    remove: (where, name) =>
      attempt("delete", where, name, async (store) => {
        const info = await store.info(name);
        if (info !== null && !info.deleted) await store.delete(name);
      }),
  };
}
