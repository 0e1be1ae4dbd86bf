/** Whose login a `.creds` file is: the name in its JWT. The server checks the JWT; here it is only read. */

/** Undefined where there is none: an NKey seed alone has no name. */
export function principalIn(creds: string): string | undefined {
  const jwt = /-----BEGIN NATS USER JWT-----\s+(\S+)/.exec(creds)?.[1];
  const claims = jwt?.split(".")[1];
  if (claims === undefined) return undefined;
  try {
    const { name } = JSON.parse(Buffer.from(claims, "base64url").toString()) as { name?: unknown };
    return typeof name === "string" ? name : undefined;
  } catch {
    return undefined; // no JWT: the server will say so
  }
}
