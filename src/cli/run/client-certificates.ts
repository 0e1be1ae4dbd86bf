/**
 * Tries the client certificates of `options.tlsAuth` before a run is asked for: whoever made them sits at this door, and
 * root never sees them. No message has any of their text.
 */
import type { Problem } from "../../../streams/schema/plan.ts";
import type { RunEnvironment } from "../../domain/plan/environment.ts";

/** What keeps a pair of certificate and key from being used, for each that cannot be. */
export async function certificateProblems(
  pairs: NonNullable<RunEnvironment["tlsAuth"]> = [],
): Promise<readonly Problem[]> {
  if (pairs.length === 0) return [];
  const { createSecureContext } = await import("node:tls");
  return pairs.flatMap(({ cert, key, password }, index) => {
    const path = `options.tlsAuth[${index}]`;
    if (cert === "" || key === "") return [{ path, message: "cert and key must not be empty" }];
    try {
      createSecureContext({ cert, key, ...(password === undefined ? {} : { passphrase: password }) });
      return [];
    } catch (error) {
      return [{ path, message: `certificate and key cannot be used: ${reasonOf(error as Error)}` }];
    }
  });
}

/** OpenSSL's words are for its authors. */
function reasonOf({ message }: Error): string {
  if (/mismatch/i.test(message)) return "they do not belong together";
  if (/bad decrypt|password|interrupted or cancelled/i.test(message))
    return "the password is missing or wrong";
  return message
    .replace(/^error:[^:]*:/, "")
    .replaceAll("::", " ")
    .trim();
}
