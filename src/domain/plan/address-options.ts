/**
 * Readers of the options that say where connections may go: `hosts`, `blockHostnames`, `blacklistIPs` and `dns`, in k6's
 * forms, and our `targets`. They check how things are written; whether an address answers is found out by the run.
 */
import type { HttpOptions } from "../../../streams/schema/http-options.ts";
import { targetRule } from "../guard/target-rule.ts";
import { defaulted, readObject, type Reader } from "./field.ts";
import { type Place, shown } from "./place.ts";
import { duration, text } from "./reader.ts";

/** `*.` in front means every name below it. */
const HOST = /^(?:\*\.)?[\w-]+(?:\.[\w-]+)*\.?$/;
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;

const isIpv6 = (address: string): boolean => address.includes(":") && URL.canParse(`http://[${address}]/`);
const isIp = (address: string): boolean => IPV4.test(address) || isIpv6(address);
const isPort = (port: string): boolean => /^\d{1,5}$/.test(port) && Number(port) > 0 && Number(port) < 65_536;

/** An address with or without a port: `10.0.0.1`, `10.0.0.1:8080`, `::1`, `[::1]:8080`. */
function isAddress(value: string): boolean {
  if (isIp(value)) return true;
  const [, bracketed, plain, port = ""] = /^(?:\[(.+)\]|([^:]+)):(\d+)$/.exec(value) ?? [];
  return isPort(port) && (bracketed === undefined ? IPV4.test(plain ?? "") : isIpv6(bracketed));
}

/** One entry of `hosts`. */
export function hostAddress(value: unknown, at: Place, name: string): string | undefined {
  const [, host = "", , port] = /^(.*?)(:(\d+))?$/.exec(name) ?? [];
  if (!HOST.test(host) || (port !== undefined && !isPort(port)))
    return at.report(`"${name}" is no host name`, 'write "shop.test", "shop.test:443" or "*.shop.test"');
  const address = text(value, at);
  if (address === undefined || isAddress(address)) return address;
  return at.report(`must be an address, but is ${shown(address)}`, 'write "10.0.0.1" or "10.0.0.1:8080"');
}

/** One entry of `blockHostnames`. */
export const hostPattern: Reader<string> = (value, at) => {
  const pattern = text(value, at);
  if (pattern === undefined || pattern === "*" || HOST.test(pattern)) return pattern?.toLowerCase();
  return at.report(`must be a host name, but is ${shown(pattern)}`, 'write "ads.test" or "*.ads.test"');
};

/** One entry of `blacklistIPs`; a single address becomes a range of one. */
export const addressRange: Reader<string> = (value, at) => {
  const range = text(value, at);
  if (range === undefined) return undefined;
  const [address = "", bits, ...more] = range.split("/");
  const most = IPV4.test(address) ? 32 : 128;
  const isRange = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
  if (isIp(address) && isRange && more.length === 0) return `${address}/${bits ?? most}`;
  return at.report(`must be an address range, but is ${shown(range)}`, 'write "10.0.0.0/8" or "10.0.0.1"');
};

/** One entry of `targets`. */
export const targetEntry: Reader<string> = (value, at) => {
  const entry = text(value, at);
  if (entry === undefined || targetRule(entry) !== undefined) return entry;
  return at.report(
    `must be a target, but is ${shown(entry)}`,
    'write "shop.test", "*.shop.test:8443", "10.0.0.0/8", "10.0.0.1:80" or "https://shop.test"',
  );
};

/** One of these texts. */
export const oneOf =
  <const T extends string>(known: readonly T[]): Reader<T> =>
  (value, at) =>
    known.find((each) => each === value) ??
    at.report(`must be one of ${known.map((each) => `"${each}"`).join(", ")}, but is ${shown(value)}`);

const ttl: Reader<number> = (value, at) => (value === "inf" ? Infinity : duration(0)(value, at));

const dnsShape = {
  fields: {
    ttl: defaulted(ttl, 300_000),
    select: defaulted(oneOf(["first", "random", "roundRobin"]), "random" as const),
    policy: defaulted(
      oneOf(["preferIPv4", "preferIPv6", "onlyIPv4", "onlyIPv6", "any"]),
      "preferIPv4" as const,
    ),
  },
  noun: "field of dns",
  notYet: {},
};

/** `options.dns`. */
export const dns: Reader<NonNullable<HttpOptions["dns"]>> = (value, at) => {
  const fields = readObject(dnsShape, value, at);
  if (fields === undefined) return undefined;
  const { select, policy } = fields;
  return Number.isFinite(fields.ttl) ? { ttlMs: fields.ttl, select, policy } : { select, policy };
};
