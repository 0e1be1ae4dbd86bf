/**
 * Where a connection goes: the options `hosts`, `blockHostnames`, `blacklistIPs` and `dns` of a run, in k6's order. Without
 * any of them the machine's own resolver decides, and nothing stands in the way of it.
 */
import { BlockList, isIP, type LookupFunction } from "node:net";
import type { HttpOptions } from "../../../streams/schema/http-options.ts";
import { ForbiddenTarget } from "../error-codes.ts";
import { hostMatches } from "../host-pattern.ts";
import { Resolver } from "./resolver.ts";

/** What `net.connect` is given. */
export interface Place {
  readonly host: string;
  readonly port: number;
  readonly lookup?: LookupFunction;
}

const family = (address: string): "ipv4" | "ipv6" => (isIP(address) === 6 ? "ipv6" : "ipv4");

export class AddressRules {
  readonly #hosts: Readonly<Record<string, string>>;
  /** Patterns of `hosts`, the most exact first. */
  readonly #patterns: readonly string[];
  readonly #blockedHosts: readonly string[];
  readonly #blockedAddresses = new BlockList();
  readonly #lookup: LookupFunction | undefined;

  constructor({ hosts = {}, blockHostnames = [], blacklistIps = [], dns }: HttpOptions) {
    this.#hosts = hosts;
    this.#patterns = Object.keys(hosts).toSorted((a, b) => b.length - a.length);
    this.#blockedHosts = blockHostnames;
    for (const range of blacklistIps) {
      const [address = "", bits] = range.split("/");
      this.#blockedAddresses.addSubnet(address, Number(bits), family(address));
    }
    const isPlain = dns === undefined && blacklistIps.length === 0;
    this.#lookup = isPlain ? undefined : new Resolver(dns, (address) => this.#check(address)).lookup;
  }

  /** @param defaultPort of the scheme @throws ForbiddenTarget */
  placeOf(url: URL, defaultPort: number): Place {
    const hostname = url.hostname.replace(/^\[|\]$/g, "");
    const port = url.port === "" ? defaultPort : Number(url.port);
    if (isIP(hostname) === 0 && this.#blockedHosts.some((pattern) => hostMatches(pattern, hostname)))
      throw new ForbiddenTarget("MESH_BLOCKED_HOST", `hostname ${hostname} is one of blockHostnames`);
    const place = this.#mapped(hostname, port) ?? { host: hostname, port };
    if (isIP(place.host) !== 0) {
      const problem = this.#check(place.host);
      if (problem) throw problem;
      return place;
    }
    return this.#lookup === undefined ? place : { ...place, lookup: this.#lookup };
  }

  /** What `hosts` says: the name with its port before the name alone. */
  #mapped(hostname: string, port: number): Place | undefined {
    const named = [`${hostname}:${port}`, hostname];
    const pattern = this.#patterns.find((each) => named.some((name) => hostMatches(each, name)));
    if (pattern === undefined) return undefined;
    const address = this.#hosts[pattern] as string;
    if (isIP(address) !== 0) return { host: address, port };
    const colon = address.lastIndexOf(":");
    return { host: address.slice(0, colon).replace(/^\[|\]$/g, ""), port: Number(address.slice(colon + 1)) };
  }

  #check(address: string): ForbiddenTarget | undefined {
    if (!this.#blockedAddresses.check(address, family(address))) return undefined;
    return new ForbiddenTarget("MESH_BLOCKED_ADDRESS", `IP ${address} is in one of blacklistIPs`);
  }
}
