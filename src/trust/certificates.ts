/**
 * X.509 certificates made on the spot: an authority, and leaves for names and times of the caller's choice. Just enough
 * DER for that, with elliptic keys, because making those takes no time.
 */
import {
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from "node:crypto";

const tlv = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const { length } = body;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
};
const seq = (...parts: readonly Uint8Array[]) => tlv(0x30, ...parts);
const oid = (hex: string) => tlv(0x06, Buffer.from(hex, "hex"));
const utf8 = (text: string) => tlv(0x0c, Buffer.from(text));
const time = (at: Date) => tlv(0x18, Buffer.from(at.toISOString().replace(/[-:T]|\.\d+/g, "")));
const bits = (bytes: Uint8Array) => tlv(0x03, Buffer.from([0]), bytes);
const octets = (bytes: Uint8Array) => tlv(0x04, bytes);
const TRUE = tlv(0x01, Buffer.from([0xff]));

const ECDSA_SHA256 = seq(oid("2a8648ce3d040302"));
const nameOf = (text: string) => seq(tlv(0x31, seq(oid("550403"), utf8(text))));
const extension = (id: string, value: Uint8Array) => seq(oid(id), TRUE, octets(value));

export interface Pair {
  readonly cert: string;
  readonly key: string;
}

export interface Leaf {
  readonly names?: readonly string[];
  readonly addresses?: readonly string[];
  /** Days from now; negative: it has ended. */
  readonly days?: number;
}

const DAY_MS = 86_400_000;
function pem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

function issue(
  subject: string,
  publicKey: KeyObject,
  issuer: { readonly name: string; readonly key: KeyObject },
  days: number,
  extensions: Uint8Array,
): string {
  const until = Date.now() + days * DAY_MS;
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(8)]);
  const body = seq(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, serial),
    ECDSA_SHA256,
    nameOf(issuer.name),
    seq(time(new Date(Math.min(until, Date.now()) - 30 * DAY_MS)), time(new Date(until))),
    nameOf(subject),
    publicKey.export({ type: "spki", format: "der" }),
    tlv(0xa3, seq(extensions)),
  );
  return pem(seq(body, ECDSA_SHA256, bits(sign("sha256", body, issuer.key))));
}

const keys = () => generateKeyPairSync("ec", { namedCurve: "P-256" });

export interface Authority extends Pair {
  readonly leaf: (leaf?: Leaf) => Pair;
}

/** A new authority; its `cert` is what a client must trust. */
export function makeAuthority(name = "Test Authority", days = 365): Authority {
  const { privateKey, publicKey } = keys();
  const cert = issue(name, publicKey, { name, key: privateKey }, days, extension("551d13", seq(TRUE)));
  return authorityOf({ cert, key: privateKey.export({ type: "pkcs8", format: "pem" }) as string });
}

/** An authority that was made before. */
export function authorityOf({ cert, key }: Pair): Authority {
  const name = /^CN=(.*)$/m.exec(new X509Certificate(cert).subject)?.[1] ?? "";
  const issuer = { name, key: createPrivateKey(key) };
  const leaf = ({ names = [], addresses = ["127.0.0.1"], days = 30 }: Leaf = {}): Pair => {
    const own = keys();
    const alternatives = seq(
      ...names.map((each) => tlv(0x82, Buffer.from(each))),
      ...addresses.map((each) => tlv(0x87, Buffer.from(each.split(".").map(Number)))),
    );
    return {
      cert: issue(names[0] ?? "leaf", own.publicKey, issuer, days, extension("551d11", alternatives)),
      key: own.privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    };
  };
  return { cert, key, leaf };
}
