/**
 * `http.batch`: many requests at once, at most so many in all and for one host, in the order given; the answers have the
 * shape of the question. It only decides when each request begins.
 */
import { NamedUrl } from "./named-url.ts";

/** One request of a batch, whatever form it had. */
export interface BatchCall {
  readonly method: string;
  readonly url: unknown;
  readonly body: unknown;
  readonly params: unknown;
}

/** @throws TypeError for what is no request */
export function batchCall(request: unknown, key: string): BatchCall {
  if (typeof request === "string" || request instanceof URL || request instanceof NamedUrl)
    return { method: "GET", url: request, body: undefined, params: undefined };
  if (Array.isArray(request)) {
    const [method, url, ...rest] = request as unknown[];
    if (typeof method !== "string" || rest.length > 2) throw notOne(key);
    // As in k6, a GET or HEAD may leave its body out.
    return { method, url, body: rest[0], params: rest[1] };
  }
  if (typeof request !== "object" || request === null || !("url" in request)) throw notOne(key);
  const { method = "GET", url, body, params } = request as Partial<BatchCall>;
  return { method, url, body, params };
}

const notOne = (key: string): TypeError =>
  new TypeError(
    `http.batch(): request ${key} must be a URL, [method, url, body, params] or { method, url, body, params }`,
  );

interface Waiting<T> {
  readonly host: string;
  readonly run: () => Promise<T>;
  readonly done: (result: Promise<T>) => void;
}

export interface BatchLimits {
  readonly inAll: number;
  /** 0: no limit. */
  readonly perHost: number;
}

/** Runs the tasks within the limits. A task that fails keeps none of the others from running. */
export function runWithin<T>(
  tasks: readonly { readonly host: string; readonly run: () => Promise<T> }[],
  { inAll, perHost }: BatchLimits,
): Promise<T>[] {
  const running = new Map<string, number>();
  let total = 0;
  const waiting: Waiting<T>[] = [];
  const results = tasks.map(({ host, run }) => new Promise<T>((done) => waiting.push({ host, run, done })));
  const isFree = ({ host }: Waiting<T>) => perHost === 0 || (running.get(host) ?? 0) < perHost;
  const fill = () => {
    while (total < inAll) {
      const index = waiting.findIndex(isFree);
      if (index < 0) return;
      const [next] = waiting.splice(index, 1);
      if (next) begin(next);
    }
  };
  const begin = ({ host, run, done }: Waiting<T>) => {
    total++;
    running.set(host, (running.get(host) ?? 0) + 1);
    const result = run();
    done(result);
    const over = () => {
      total--;
      running.set(host, (running.get(host) ?? 1) - 1);
      fill();
    };
    void result.then(over, over);
  };
  fill();
  return results;
}
