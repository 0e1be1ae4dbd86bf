/** The object `http` of one VU: k6's functions over the VU's client. */
import { batchCall, runWithin } from "./batch.ts";
import { callbackOf, expectedStatuses } from "./expected-statuses.ts";
import { HttpCalls, type Requests } from "./http-calls.ts";
import type { BatchRequest, Http, Params, RequestBody, RequestUrl } from "./http-types.ts";
import { fileOf } from "./multipart.ts";
import { textOfUrl, urlOf } from "./named-url.ts";
import { OwnJar, ScriptJar } from "./script-jar.ts";
import { targetOf } from "./targets.ts";
import type { VuState } from "./vu-state.ts";

/** k6's defaults. */
const BATCH = { inAll: 20, perHost: 6 };

type Send = HttpCalls["send"];
type Batch = readonly BatchRequest[] | Readonly<Record<string, BatchRequest>>;

async function batch(vu: VuState, send: Send, requests: Batch): Promise<unknown> {
  vu.needRun("http.batch");
  if (typeof requests !== "object" || requests === null)
    throw new TypeError("http.batch() takes a list or an object of requests");
  const keys = Object.keys(requests);
  const tasks = keys.map((key) => {
    const call = batchCall((requests as Readonly<Record<string, unknown>>)[key], key);
    const url = call.url as RequestUrl;
    const { host } = targetOf(textOfUrl(url)).url;
    const run = () => send(call.method, url, call.body as RequestBody, call.params as Params);
    return { host, run };
  });
  const { http } = vu.settings;
  const limits = { inAll: http.batch ?? BATCH.inAll, perHost: http.batchPerHost ?? BATCH.perHost };
  const running = runWithin(tasks, limits);
  // One that throws must not let the iteration end before the others have been sent.
  await held(vu, Promise.allSettled(running));
  const answers = await Promise.all(running);
  return Array.isArray(requests)
    ? answers
    : Object.fromEntries(keys.map((key, index) => [key, answers[index]]));
}

/** The VU is not idle while requests of its batch wait for their turn. */
async function held(vu: VuState, work: Promise<unknown>): Promise<void> {
  const { epoch, inFlight } = vu;
  const token = inFlight.begin();
  try {
    await work;
  } finally {
    if (vu.epoch === epoch) inFlight.end(token);
  }
}

export function httpOf(vu: VuState, client: Requests): Http {
  const { send } = new HttpCalls(vu, client);
  let jar: ScriptJar | undefined;
  return {
    get: (url, params) => send("GET", url, null, params),
    head: (url, params) => send("HEAD", url, null, params),
    post: (url, body, params) => send("POST", url, body, params),
    put: (url, body, params) => send("PUT", url, body, params),
    patch: (url, body, params) => send("PATCH", url, body, params),
    del: (url, body, params) => send("DELETE", url, body, params),
    options: (url, body, params) => send("OPTIONS", url, body, params),
    request: send,
    asyncRequest: send,
    batch: (requests) => batch(vu, send, requests) as never,
    file: fileOf,
    url: urlOf,
    cookieJar: () => {
      vu.needRun("http.cookieJar");
      return (jar ??= new ScriptJar(vu.cookies));
    },
    CookieJar: OwnJar,
    expectedStatuses,
    setResponseCallback: (callback) => {
      vu.expected = callbackOf("http.setResponseCallback()", callback);
    },
  };
}
