/**
 * Where a connection goes: the options `hosts`, `blockHostnames`, `blacklistIPs` and `dns` of a run, in k6's order, and guard
 * rails behind them. A name is looked up once: what was checked is what is connected to, whatever the name says later.
 */
import { BlockList, isIP, type LookupFunction } from "node:net";
import type { TargetAsked, TargetGuard } from "../../domain/guard/target-guard.ts";
import type { HttpOptions } from "../../../streams/schema/http-options.ts";
import { JUDGED } from "../guard/foreign-connections.ts";
import { guardedLookup, systemLookup } from "../guard/guarded-lookup.ts";
import { ForbiddenTarget } from "../error-codes.ts";
import { hostMatches } from "../host-pattern.ts";
import { Resolver } from "./resolver.ts";

/** What `net.connect` is given. */
export interface Place {
  readonly host: string;
  readonly port: number;
  readonly lookup?: LookupFunction;
  /** No guard rail forbids it. */
  readonly [JUDGED]?: true;
}

const family = (address: string): "ipv4" | "ipv6" => (isIP(address) === 6 ? "ipv6" : "ipv4");

export class AddressRules {
  readonly #hosts: Readonly<Record<string, string>>;
  /** Patterns of `hosts`, the most exact first. */
  readonly #patterns: readonly string[];
  readonly #blockedHosts: readonly string[];
  readonly #blockedAddresses = new BlockList();
  readonly #lookup: LookupFunction | undefined;
  readonly #guard: TargetGuard | undefined;

  constructor({ hosts = {}, blockHostnames = [], blacklistIps = [], dns }: HttpOptions, guard?: TargetGuard) {
    this.#guard = guard;
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
    const name = hostname.replace(/\.$/, "");
    const port = url.port === "" ? defaultPort : Number(url.port);
    if (isIP(hostname) === 0 && this.#blockedHosts.some((pattern) => hostMatches(pattern, name)))
      throw new ForbiddenTarget("MESH_BLOCKED_HOST", `hostname ${hostname} is one of blockHostnames`);
    const mapped = this.#mapped(hostname, port);
    const place = mapped ?? { host: hostname, port };
    const scheme = url.protocol === "https:" ? "https" : "http";
    const asked = { host: name, port: place.port, scheme, isRenamed: mapped !== undefined } as const;
    if (isIP(place.host) !== 0) {
      const problem = this.#check(place.host) ?? this.#guarded(asked, place.host);
      if (problem) throw problem;
      return { ...place, [JUDGED]: true };
    }
    const problem = this.#guarded(asked, undefined);
    if (problem) throw problem;
    const lookup = this.#lookup ?? systemLookup;
    const judged = (address: string) => this.#guarded(asked, address);
    return { ...place, [JUDGED]: true, lookup: guardedLookup(lookup, judged) };
  }

  #guarded(asked: TargetAsked, address: string | undefined): ForbiddenTarget | undefined {
    const refusal = this.#guard?.refusal({ ...asked, address });
    return refusal && new ForbiddenTarget("MESH_GUARDED", refusal.message, refusal.rail);
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
