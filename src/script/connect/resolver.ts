/**
 * Addresses of a name by the option `dns`: asked of the machine's resolver, kept for `ttl`, chosen by `select` within
 * `policy`. One for all VUs of a worker, so that they share what is known.
 */
import type { LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import type { HttpOptions } from "../../../streams/schema/http-options.ts";
import { systemLookup } from "../guard/guarded-lookup.ts";

type DnsOptions = NonNullable<HttpOptions["dns"]>;
type Answer = (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => void;

interface Known {
  readonly addresses: readonly LookupAddress[];
  readonly untilMs: number;
  turn: number;
}

/** Names remembered; beyond, everything is asked afresh. */
const NAMES_MAX = 1000;
/** What k6 does without the option, but for its memory: every connection asks. */
const UNSAID: DnsOptions = { ttlMs: 0, select: "first", policy: "any" };

/** Addresses of the family that the policy names, or prefers. */
export function byPolicy(
  addresses: readonly LookupAddress[],
  policy: DnsOptions["policy"],
): readonly LookupAddress[] {
  if (policy === "any") return addresses;
  const wanted = addresses.filter(({ family }) => family === (policy.endsWith("IPv4") ? 4 : 6));
  return wanted.length > 0 || policy.startsWith("only") ? wanted : addresses;
}

export class Resolver {
  readonly #options: DnsOptions;
  readonly #check: (address: string) => Error | undefined;
  readonly #known = new Map<string, Known>();

  /** @param check says what is wrong with an address, if anything is */
  constructor(options: DnsOptions = UNSAID, check: (address: string) => Error | undefined) {
    this.#options = options;
    this.#check = check;
  }

  readonly lookup: LookupFunction = (hostname, { all }, callback) => {
    this.#ask(hostname, (error, addresses) => {
      const chosen = error ? undefined : this.#choose(hostname, addresses);
      const problem =
        error ??
        (chosen
          ? this.#check(chosen.address)
          : Object.assign(new Error("no address"), { code: "ENOTFOUND" }));
      if (problem || !chosen) callback(problem as NodeJS.ErrnoException, all ? [] : "");
      else if (all) callback(null, [chosen]);
      else callback(null, chosen.address, chosen.family);
    });
  };

  #ask(hostname: string, answer: Answer): void {
    const known = this.#known.get(hostname);
    if (known && known.untilMs > performance.now()) return answer(null, known.addresses);
    systemLookup(hostname, { all: true }, (error, found) => {
      const addresses = byPolicy(error ? [] : found, this.#options.policy);
      if (!error) this.#keep(hostname, addresses);
      answer(error, addresses);
    });
  }

  #keep(hostname: string, addresses: readonly LookupAddress[]): void {
    const { ttlMs = Infinity } = this.#options;
    if (this.#known.size >= NAMES_MAX) this.#known.clear();
    const turn = this.#known.get(hostname)?.turn ?? 0;
    this.#known.set(hostname, { addresses, untilMs: performance.now() + ttlMs, turn });
  }

  #choose(hostname: string, addresses: readonly LookupAddress[]): LookupAddress | undefined {
    const { select } = this.#options;
    const known = this.#known.get(hostname);
    if (select === "first" || known === undefined) return addresses[0];
    if (select === "random") return addresses[Math.floor(Math.random() * addresses.length)];
    return addresses[known.turn++ % addresses.length];
  }
}
