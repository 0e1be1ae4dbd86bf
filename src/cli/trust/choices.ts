/** Flags that commands about keys share, and what they come to. */
import { Flags } from "@oclif/core";
import { durationText, millisecondsOf } from "../../domain/plan/duration.ts";
import { exitCode, Failure } from "../exit-codes.ts";

export const tlsFlags = {
  tls: Flags.string({
    summary: "encrypt every connection: server shows a certificate; mutual asks both ends for one",
    options: ["server", "mutual"],
  }),
  host: Flags.string({
    summary:
      "a further name or address in the certificate, under which it is dialled; repeatable; the first of --tls-cert's is dialled from here, too",
    multiple: true,
  }),
  "tls-cert": Flags.string({ summary: "certificate of your own authority (PEM), instead of one made here" }),
  "tls-key": Flags.string({ summary: "its key (PEM)" }),
  "tls-ca": Flags.string({ summary: "your authority's certificate (PEM)" }),
};

export const expiresFlag = {
  expires: Flags.string({ summary: "how long the credentials are good, such as 90d (default: for ever)" }),
};

/** Where the upper end of a zone's link is. */
export const parentFlags = {
  hub: Flags.string({
    summary: "the hub's folder (default: MESH_HUB, or here)",
    helpValue: "DIR",
    exclusive: ["parent"],
  }),
  parent: Flags.string({ summary: "the folder of the zone above, for an inner zone", helpValue: "DIR" }),
};

export interface UpperEnd {
  readonly hub?: string | undefined;
  readonly parent?: string | undefined;
}

/**
 * The folder of the upper end, where one is named. No `env` of the flag: the library takes a variable for something that
 * was typed, and a hub that is only meant by default would contradict --parent.
 */
export function upperFolder({ hub, parent }: UpperEnd): string | undefined {
  const usual = process.env["MESH_HUB"];
  return parent ?? hub ?? (usual === "" ? undefined : usual);
}

export interface TlsFlags {
  readonly tls?: string | undefined;
  readonly host?: readonly string[] | undefined;
  readonly "tls-cert"?: string | undefined;
  readonly "tls-key"?: string | undefined;
  readonly "tls-ca"?: string | undefined;
}

export function tlsChoice(flags: TlsFlags) {
  const { host = [], tls, "tls-ca": ca, "tls-cert": cert, "tls-key": key } = flags;
  const given = [cert, key, ca].filter((file) => file !== undefined).length;
  if (given !== 0 && given !== 3) {
    throw usage("--tls-cert, --tls-key and --tls-ca belong together", "name all three of them, or none");
  }
  if (tls === undefined && given + host.length > 0) {
    throw usage(
      "there are files or names for TLS, but it is not switched on",
      "add --tls server or --tls mutual",
    );
  }
  if (tls === undefined) return undefined;
  const own = cert === undefined || key === undefined || ca === undefined ? undefined : { cert, key, ca };
  return { mutual: tls === "mutual", hosts: host, own };
}

const SHORTEST_MS = 1000;

/** The instant, in seconds since the Unix epoch, at which credentials end that are made now. */
export function expiryOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const milliseconds = /^[\d.]+$/.test(text) ? undefined : millisecondsOf(text);
  if (milliseconds !== undefined && milliseconds >= SHORTEST_MS) {
    return Math.floor((Date.now() + milliseconds) / 1000);
  }
  const least = durationText(SHORTEST_MS);
  throw usage(`--expires ${text} is no length of time from ${least} on`, "write it as 90d, 12h or 30m");
}

export const usage = (message: string, hint: string): Failure =>
  new Failure(exitCode.usage, "Usage", message, hint);
