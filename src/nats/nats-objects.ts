/**
 * Object stores: bundles and run environments. Objects are read by direct gets: the client's own way creates a consumer
 * per read, and a thousand agents that begin at once use up all that a server has; and it asks about the whole store, which
 * nobody may over a leaf link. Writing an object again takes the old
 * chunks away from whoever reads them: so the same bytes are not written twice, and a read is bounded, answer by answer, and tried again.
 */
import { createHash } from "node:crypto";
import type { JetStreamClient, JetStreamManager, StoredMsg } from "@nats-io/jetstream";
import { Objm, type ObjectInfo, type ObjectStore } from "@nats-io/obj";
import * as Effect from "effect/Effect";
import * as Schedule from "effect/Schedule";
import { assets } from "../../streams/assets.ts";
import type { AssetRef, Objects, ServerError } from "../ports/server.ts";
import { toServerError } from "./nats-errors.ts";

/** Any one answer; an object that is large has many. */
const READ_WITHIN_MS = 3_000;
const tryAgain = {
  schedule: Schedule.jittered(Schedule.exponential("100 millis")),
  times: 3,
  while: ({ reason }: ServerError) => reason === "unavailable",
};

/** A lost answer must not hold a run up: what asked is tried again. */
function inTime<A>(answer: Promise<A>): Promise<A> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("it could not be read in time")), READ_WITHIN_MS);
  return Promise.race([answer, late.promise]).finally(() => clearTimeout(timer));
}

const isOf = (digest: string, bytes: Uint8Array): boolean =>
  digest.replace(/=+$/, "") === `SHA-256=${createHash("sha256").update(bytes).digest("base64url")}`;

/** What a store says of an object in its last word on that name; undefined when there is none. */
async function infoOf(jsm: JetStreamManager, bucket: string, name: string): Promise<ObjectInfo | undefined> {
  const key = Buffer.from(name).toString("base64").replaceAll("+", "-").replaceAll("/", "_");
  const last = { last_by_subj: `$O.${bucket}.M.${key}` };
  const message = await inTime(jsm.direct.getMessage(`OBJ_${bucket}`, last));
  const info = message?.json<ObjectInfo>();
  return info === undefined || info.deleted ? undefined : info;
}

/** The bytes of an object, checked against their digest; undefined when there is no such object. */
async function read(jsm: JetStreamManager, bucket: string, name: string): Promise<Uint8Array | undefined> {
  const info = await infoOf(jsm, bucket, name);
  if (info === undefined) return undefined;
  const chunks = await chunksOf(jsm, info);
  const bytes = new Uint8Array(Buffer.concat(chunks.map(({ data }) => data)));
  if (!isOf(info.digest, bytes)) throw new Error("its bytes are not those of its digest");
  return bytes;
}

/** All chunks of an object, in their order. */
async function chunksOf(jsm: JetStreamManager, info: ObjectInfo): Promise<readonly StoredMsg[]> {
  const chunks: StoredMsg[] = [];
  while (chunks.length < info.chunks) {
    const from = (chunks.at(-1)?.seq ?? 0) + 1;
    const subject = `$O.${info.bucket}.C.${info.nuid}`;
    const more = await inTime(chunksFrom(jsm, `OBJ_${info.bucket}`, subject, from));
    if (more.length === 0) throw new Error("it was replaced while it was read");
    chunks.push(...more);
  }
  return chunks;
}

/**
 * The server overwrites what is deleted one by one; what is only purged stays in its files until it tidies them up.
 * Others may be erasing the same object: what one of them has overwritten, the others do not find.
 */
async function erase(jsm: JetStreamManager, { bucket, nuid }: ObjectInfo): Promise<void> {
  const [stream, subject] = [`OBJ_${bucket}`, `$O.${bucket}.C.${nuid}`];
  for (let from = 1; ;) {
    const chunks = await inTime(chunksFrom(jsm, stream, subject, from)).catch(() => []);
    for (const { seq } of chunks) await jsm.streams.deleteMessage(stream, seq, true).catch(() => false);
    const last = chunks.at(-1);
    if (last === undefined) return;
    from = last.seq + 1;
  }
}

const CHUNKS_AT_ONCE = 64;

/** The next chunks on a subject. With a callback the client gives its subscription up at the end. */
function chunksFrom(
  jsm: JetStreamManager,
  stream: string,
  subject: string,
  from: number,
): Promise<StoredMsg[]> {
  return new Promise((resolve, reject) => {
    const found: StoredMsg[] = [];
    const callback = (done: { readonly err?: Error } | null, chunk: StoredMsg) => {
      if (done === null) found.push(chunk);
      else if (done.err === undefined) resolve(found);
      else reject(done.err);
    };
    const batch = { seq: from, next_by_subj: subject, batch: CHUNKS_AT_ONCE, callback };
    jsm.direct.getBatch(stream, batch).catch(reject);
  });
}

export function natsObjects(js: JetStreamClient, jsm: JetStreamManager): Objects {
  const objm = new Objm(js);
  const attempt = <A>(
    operation: string,
    where: AssetRef,
    name: string,
    use: (bucket: string, store: () => Promise<ObjectStore>) => Promise<A>,
  ) => {
    const bucket = assets[where.asset].name(where.zone);
    return Effect.tryPromise({
      try: () => use(bucket, () => objm.open(bucket)),
      catch: (error) => toServerError(operation, name, error),
    });
  };
  return {
    put: (where, name, bytes) =>
      attempt("store", where, name, async (bucket, open) => {
        const store = await open();
        const there = await infoOf(jsm, bucket, name);
        if (there === undefined || !isOf(there.digest, bytes)) await store.putBlob({ name }, bytes);
      }),
    has: (where, name) =>
      attempt(
        "look for",
        where,
        name,
        async (bucket) => (await infoOf(jsm, bucket, name)) !== undefined,
      ).pipe(Effect.retry(tryAgain)),
    get: (where, name) =>
      attempt("fetch", where, name, (bucket) => read(jsm, bucket, name)).pipe(Effect.retry(tryAgain)),
    remove: (where, name) =>
      attempt("delete", where, name, async (bucket, open) => {
        const store = await open();
        const info = await infoOf(jsm, bucket, name);
        if (info === undefined) return;
        // Where it cannot be overwritten it is still deleted.
        await erase(jsm, info);
        await store.delete(name);
      }),
  };
}
