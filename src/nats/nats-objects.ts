/** Object stores: bundles and run environments. The store checks its own SHA-256 while reading. */
import type { JetStreamClient } from "@nats-io/jetstream";
import { Objm, type ObjectStore } from "@nats-io/obj";
import * as Effect from "effect/Effect";
import { assets } from "../../streams/assets.ts";
import type { AssetRef, Objects } from "../ports/server.ts";
import { toServerError } from "./nats-errors.ts";

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
        await store.putBlob({ name }, bytes);
      }),
    get: (where, name) =>
      attempt("fetch", where, name, async (store) => (await store.getBlob(name)) ?? undefined),
    remove: (where, name) =>
      attempt("delete", where, name, async (store) => {
        const info = await store.info(name);
        if (info !== null && !info.deleted) await store.delete(name);
      }),
  };
}
