/** What a response is that is not HTTP/1.1: a measurement, with Node's own prefix for such errors. */
export class MalformedResponse extends Error {
  override name = "MalformedResponse";
  readonly code = "HPE_INVALID_RESPONSE";

  /** @param what is wrong with it: "a second Content-Length" */
  constructor(what: string) {
    super(`the response is not valid HTTP/1.1: ${what}`);
  }
}
