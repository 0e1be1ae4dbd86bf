/**
 * What a call of a script means before it becomes a request: forms of URLs and bodies, compression, digest logins,
 * `throw`, parameters that nobody knows. The plain request goes through untouched, to the client.
 */
import { compressBody, encodeBody, encodeLater, isLate } from "./body.ts";
import { digestAnswer } from "./digest-auth.ts";
import { CHALLENGE } from "./expected-statuses.ts";
import type { Params, RequestBody, RequestUrl, Response } from "./http-types.ts";
import { NamedUrl, textOfUrl } from "./named-url.ts";
import { targetOf } from "./targets.ts";
import type { VuState } from "./vu-state.ts";

/** The client as the API needs it. */
export interface Requests {
  request(
    method: string,
    url: string,
    body: string | Uint8Array | null,
    params: Params | null | undefined,
  ): Promise<Response>;
}

/** Parameters that the client knows by itself. */
const PLAIN: ReadonlySet<string> = new Set<keyof Params>(
  "cookies headers jar redirects responseCallback responseType tags timeout".split(" ") as (keyof Params)[],
);
const KNOWN: ReadonlySet<string> = new Set([...PLAIN, "auth", "compression", "throw"]);

type GivenParams = Params | null | undefined;

/** A request of a script whose `throw` is on got no response. */
class RequestFailed extends Error {
  override name = "RequestFailed";
}

const hasHeader = (headers: Params["headers"], name: string): boolean =>
  Object.keys(headers ?? {}).some((key) => key.toLowerCase() === name);

const withHeader = (params: GivenParams, name: string, value: string): Params =>
  hasHeader(params?.headers, name.toLowerCase())
    ? { ...params }
    : { ...params, headers: { ...params?.headers, [name]: value } };

/** Most requests are: this runs for each of them. */
function isPlain(params: GivenParams): boolean {
  for (const name in params) if (!PLAIN.has(name)) return false;
  return true;
}

export class HttpCalls {
  readonly #vu: VuState;
  readonly #client: Requests;

  constructor(vu: VuState, client: Requests) {
    this.#vu = vu;
    this.#client = client;
  }

  /** @throws TypeError for a URL, body or parameter that is none */
  readonly send = (
    method: string,
    url: RequestUrl,
    body: RequestBody,
    params: GivenParams,
  ): Promise<Response> => {
    const isText = body === null || body === undefined || typeof body === "string";
    if (typeof url === "string" && isText && isPlain(params) && !this.#vu.settings.http.throw)
      return this.#client.request(method, url, body ?? null, params);
    return this.#prepared(method, url, body, params);
  };

  /** Here the call was not as simple as most are. */
  async #prepared(method: string, url: RequestUrl, body: RequestBody, given: GivenParams): Promise<Response> {
    this.#vu.needRun(`http.${method.toLowerCase()}`);
    this.#tellUnknown(given);
    const named = url instanceof NamedUrl ? { ...given, tags: { name: url.name, ...given?.tags } } : given;
    const { bytes, params } = isLate(body)
      ? this.#packed(await this.#held(encodeLater(body)), named)
      : this.#packed(encodeBody(body), named);
    const response = await (params?.auth === undefined
      ? this.#client.request(method, textOfUrl(url), bytes, params)
      : this.#withLogin(method, textOfUrl(url), bytes, params));
    if (response.error !== "" && (params?.throw ?? this.#vu.settings.http.throw)) {
      throw new RequestFailed(
        `${method} ${targetOf(response.url).shown}: ${response.error} (error code ${response.error_code})`,
      );
    }
    return response;
  }

  /** Bytes and headers of a body, compressed if that was asked for. */
  #packed(
    { bytes, contentType }: ReturnType<typeof encodeBody>,
    given: GivenParams,
  ): { readonly bytes: string | Uint8Array | null; readonly params: GivenParams } {
    const params = contentType === undefined ? given : withHeader(given, "Content-Type", contentType);
    const compression = params?.compression ?? "";
    if (compression === "" || bytes === null) return { bytes, params };
    const names = compression.toLowerCase().replace(/\s+/g, "").replaceAll(",", ", ");
    return { bytes: compressBody(bytes, compression), params: withHeader(params, "Content-Encoding", names) };
  }

  /** An iteration that forgot an `await` waits for this, too. */
  async #held<T>(work: Promise<T>): Promise<T> {
    const { epoch, inFlight } = this.#vu;
    const token = inFlight.begin();
    try {
      return await work;
    } finally {
      if (this.#vu.epoch === epoch) inFlight.end(token);
    }
  }

  async #withLogin(
    method: string,
    url: string,
    body: string | Uint8Array | null,
    params: GivenParams,
  ): Promise<Response> {
    const { auth } = params ?? {};
    // The user and password of a URL are sent as they are: that is "basic".
    if (auth === "basic") return this.#client.request(method, url, body, params);
    if (auth !== "digest")
      throw new TypeError(
        `auth ${JSON.stringify(auth)} is not supported, only "basic" and "digest"` +
          (String(auth) === "ntlm" ? ": NTLM logs connections in, not requests" : ""),
      );
    const { username, password } = targetOf(url).url;
    const bare = new URL(url);
    bare.username = "";
    bare.password = "";
    const asking = { ...params, responseCallback: CHALLENGE };
    const challenge = await this.#client.request(method, bare.href, body, asking);
    const header = challenge.status === 401 ? challenge.headers["Www-Authenticate"] : undefined;
    const login = {
      method: method.toUpperCase(),
      uri: `${bare.pathname}${bare.search}`,
      username: decodeURIComponent(username),
      password: decodeURIComponent(password),
    };
    const answer = header === undefined ? undefined : digestAnswer(header, login);
    if (answer === undefined) return challenge;
    const headers = { ...params?.headers, Authorization: answer };
    return this.#client.request(method, bare.href, body, { ...params, headers });
  }

  /** A parameter that does nothing is a mistake, most often of spelling. */
  #tellUnknown(params: GivenParams): void {
    for (const name in params) {
      if (KNOWN.has(name)) continue;
      const known = [...KNOWN].toSorted().join(", ");
      this.#vu.settings.mistake(
        `http params ${name}`,
        `"${name}" is no parameter of a request and does nothing; known: ${known}`,
        new Error("unknown parameter"),
      );
    }
  }
}
