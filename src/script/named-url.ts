/** ``http.url`…` ``: a URL that is called by its template, so that all products share one series. */
import type { HttpUrl } from "./http-types.ts";

export class NamedUrl implements HttpUrl {
  readonly url: string;
  /** The template, with `${}` where values were. */
  readonly name: string;

  constructor(url: string, name: string) {
    this.url = url;
    this.name = name;
  }

  toString(): string {
    return this.url;
  }
}

/** The tag of a template literal. */
export function urlOf(strings: TemplateStringsArray, ...values: readonly unknown[]): NamedUrl {
  const url = strings.reduce((text, part, index) => `${text}${String(values[index - 1])}${part}`);
  return new NamedUrl(url, strings.join("${}"));
}

/** The text of whatever a script gave as a URL. */
export const textOfUrl = (url: unknown): string =>
  typeof url === "string" ? url : url instanceof URL ? url.href : String(url);
