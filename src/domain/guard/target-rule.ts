/**
 * One entry of a list of targets: a host name (`shop.test`, `*.shop.test`), an address, a range, each but the range with or
 * without a port, or the origin of a URL. Reads the text of an entry and says whether it means a target. Pure.
 */
import { type IpRange, ipRangeOf, isInRange, meaningsOf } from "./ip-range.ts";

/** Where a connection is about to go. */
export interface GuardTarget {
  /** As the URL has it: lower case, without brackets. An address counts as a name of itself. */
  readonly host: string;
  /** Of the connection, as the address is. */
  readonly port: number;
  readonly scheme: "http" | "https" | undefined;
  /** The number of the address that it goes to; undefined while only the name is known. */
  readonly address: bigint | undefined;
  /** The script itself said which address the name has: the name then proves nothing to anybody else. */
  readonly isRenamed: boolean;
}

export interface TargetRule {
  /** As it was written. */
  readonly text: string;
  readonly name: string | undefined;
  readonly range: IpRange | undefined;
  readonly port: number | undefined;
  readonly scheme: GuardTarget["scheme"];
}

const NAME = /^(?:\*\.)?[\w-]+(?:\.[\w-]+)*$/;
const PORTS = { http: 80, https: 443 } as const;

const plain = (name: string): string => name.toLowerCase().replace(/\.$/, "");
const isPort = (port: string): boolean => /^\d{1,5}$/.test(port) && Number(port) > 0 && Number(port) < 65_536;

/** What a resolver would take for an address though it does not look like one: `2130706433`, `0x7f.1`, `127.1`. */
const isNumeric = (name: string): boolean => /^(?:0x[0-9a-f]*|\d+)$/i.test(name.split(".").at(-1) ?? "");

/** Undefined for what is no entry. */
export function targetRule(text: string): TargetRule | undefined {
  const [, scheme, rest = ""] = /^(?:(https?):\/\/)?(.*?)\/?$/i.exec(text) ?? [];
  if (scheme === undefined) return hostRule(text, text, undefined);
  const kind = scheme.toLowerCase() as "http" | "https";
  const rule = rest.includes("/") ? undefined : hostRule(text, rest, kind);
  return rule === undefined ? undefined : { ...rule, port: rule.port ?? PORTS[kind] };
}

function hostRule(text: string, host: string, scheme: TargetRule["scheme"]): TargetRule | undefined {
  const whole = ipRangeOf(host.replace(/^\[(.*)\]$/, "$1"));
  const base = { text, name: undefined, port: undefined, scheme };
  if (whole !== undefined) return { ...base, range: whole };
  const [, bracketed, bare = "", port] = /^(?:\[(.+)\]|([^:]*))(?::(\d+))?$/.exec(host) ?? [];
  if (port !== undefined && !isPort(port)) return undefined;
  const at = { ...base, port: port === undefined ? undefined : Number(port) };
  const address = bracketed ?? bare;
  const range = address.includes("/") ? undefined : ipRangeOf(address);
  if (range !== undefined) return { ...at, range };
  const name = plain(bare);
  const isName = bracketed === undefined && (name === "*" || (NAME.test(name) && !isNumeric(name)));
  return isName ? { ...at, name, range: undefined } : undefined;
}

const nameMatches = (pattern: string, host: string): boolean => {
  if (pattern === "*") return true;
  return pattern.startsWith("*.") ? host.endsWith(pattern.slice(1)) : host === pattern;
};

/** Whether an entry means a target. While no address is known, only names can. */
export function ruleMatches({ name, port, range, scheme }: TargetRule, target: GuardTarget): boolean {
  if (port !== undefined && port !== target.port) return false;
  if (scheme !== undefined && target.scheme !== undefined && scheme !== target.scheme) return false;
  if (name !== undefined) return !target.isRenamed && nameMatches(name, plain(target.host));
  return range !== undefined && target.address !== undefined && isInRange(range, target.address);
}

/** The same of a list that denies: what stands for another address is denied with it, and a name is denied however it was got. */
export function ruleDenies(rule: TargetRule, target: GuardTarget): boolean {
  const meanings = target.address === undefined ? [undefined] : meaningsOf(target.address);
  return meanings.some((address) => ruleMatches(rule, { ...target, address, isRenamed: false }));
}
