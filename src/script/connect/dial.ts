/**
 * Opens one connection to a target, plain or secured, and takes the times of it: looking up, connecting, shaking hands.
 * Node's TLS is loaded when the first https target is dialled: workers must start fast.
 */
import { createRequire } from "node:module";
import { connect as connectPlain, isIP, type Socket } from "node:net";
import type * as Tls from "node:tls";
import type { Clock } from "../clock.ts";
import type { AddressRules } from "./address-rules.ts";
import type { TlsRules } from "./tls-rules.ts";

const require = createRequire(import.meta.url);

/** How connections are made, for all VUs of a worker. */
export interface DialRules {
  readonly clock: Clock;
  readonly addresses: AddressRules;
  readonly tls: TlsRules;
}

/** Where the times go; undefined when nobody waits for them. */
export interface DialTimes {
  lookingUpUs: number;
  connectingUs: number;
  tlsUs: number;
}

type Dialled = (error: Error | null, socket: Socket | undefined) => void;

const PORTS: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };

/**
 * @param alpn protocols to offer, for https
 * @param done called once, later
 * @returns gives the attempt up
 */
export function dial(
  rules: DialRules,
  url: URL,
  alpn: readonly string[],
  times: DialTimes | undefined,
  done: Dialled,
): () => void {
  let socket: Socket;
  try {
    socket = open(rules, url, alpn);
  } catch (error) {
    // In a turn of its own: a script that asks again and again must not keep everybody else from theirs.
    const told = setImmediate(done, error as Error, undefined);
    return () => clearImmediate(told);
  }
  const isSecure = url.protocol === "https:";
  takeTimes(rules.clock, socket, isSecure, times);
  const fail = (error: Error) => done(error, undefined);
  socket.once("error", fail);
  socket.once(isSecure ? "secureConnect" : "connect", () => {
    socket.off("error", fail);
    done(null, socket);
  });
  return () => {
    socket.off("error", fail).on("error", () => undefined);
    socket.destroy();
  };
}

function open({ addresses, tls }: DialRules, url: URL, alpn: readonly string[]): Socket {
  const place = addresses.placeOf(url, PORTS[url.protocol] ?? 443);
  if (url.protocol !== "https:") return connectPlain({ ...place, noDelay: true });
  const { connect } = require("node:tls") as typeof Tls;
  const name = url.hostname.replace(/^\[|\]$/g, "");
  const socket = connect({
    ...place,
    ...tls.optionsFor(name),
    ALPNProtocols: [...alpn],
    // An address is no name that a server could be asked for.
    ...(isIP(name) === 0 ? { servername: name } : {}),
  });
  return socket.setNoDelay(true);
}

function takeTimes(clock: Clock, socket: Socket, isSecure: boolean, times: DialTimes | undefined): void {
  if (times === undefined) return;
  let sinceUs = clock.nowUs();
  const step = () => {
    const nowUs = clock.nowUs();
    const tookUs = nowUs - sinceUs;
    sinceUs = nowUs;
    return tookUs;
  };
  socket.once("lookup", () => (times.lookingUpUs = step()));
  socket.prependOnceListener("connect", () => (times.connectingUs = step()));
  if (isSecure) socket.prependOnceListener("secureConnect", () => (times.tlsUs = step()));
}
