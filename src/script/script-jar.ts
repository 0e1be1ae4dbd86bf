/** Cookie jars as scripts see them: k6's four methods over a jar, the VU's own or one that the script made. */
import { CookieJar } from "./cookie-jar.ts";
import type { CookieOptions, ScriptCookieJar } from "./http-types.ts";
import { targetOf } from "./targets.ts";

const urlOf = (url: string | URL): URL => targetOf(typeof url === "string" ? url : url.href).url;

function attributesOf(options: CookieOptions): ReadonlyMap<string, string> {
  const { domain, path, expires, max_age: maxAge, secure, http_only: httpOnly } = options;
  const given: readonly (readonly [string, string | undefined])[] = [
    ["domain", domain],
    ["path", path],
    ["expires", expires],
    ["max-age", maxAge === undefined ? undefined : String(maxAge)],
    ["secure", secure ? "" : undefined],
    ["httponly", httpOnly ? "" : undefined],
  ];
  return new Map(given.filter((pair): pair is readonly [string, string] => pair[1] !== undefined));
}

export class ScriptJar implements ScriptCookieJar {
  readonly #jar: CookieJar;

  constructor(jar: CookieJar) {
    this.#jar = jar;
  }

  /** The jar behind whatever a script gave as one. @throws TypeError when it is none */
  static behind(given: unknown): CookieJar {
    if (typeof given === "object" && given !== null && #jar in given) return given.#jar;
    throw new TypeError("params.jar must be http.cookieJar() or new http.CookieJar()");
  }

  cookiesForURL(url: string | URL): Record<string, string[]> {
    const values: Record<string, string[]> = {};
    for (const { name, value } of this.#jar.for(urlOf(url))) (values[name] ??= []).push(value);
    return values;
  }

  set(url: string | URL, name: string, value: string, options: CookieOptions = {}): boolean {
    return this.#jar.set(name, value, urlOf(url), attributesOf(options ?? {}));
  }

  clear(url: string | URL): void {
    this.#jar.forget(this.#jar.for(urlOf(url)));
  }

  delete(url: string | URL, name: string): void {
    this.#jar.forget(this.#jar.for(urlOf(url)).filter((cookie) => cookie.name === name));
  }
}

/** `http.CookieJar`: an empty jar of the script's own. */
export class OwnJar extends ScriptJar {
  constructor() {
    super(new CookieJar());
  }
}
