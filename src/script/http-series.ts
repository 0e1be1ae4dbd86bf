/**
 * The eight series that one request adds to, made once per combination of tags (k6's names and tags).
 */
import { builtin } from "../domain/metric/builtin.ts";
import type { ConnectionFacts } from "./connection-facts.ts";
import type { Exchange } from "./exchange.ts";
import type { Sink } from "./sink.ts";

/** What identifies the series of a request inside its scope. */
export interface RequestTags {
  readonly name: string;
  readonly method: string;
  readonly status: number;
  readonly errorCode: number;
  /** Undefined: failures are not measured. */
  readonly expected: boolean | undefined;
  readonly connection: ConnectionFacts | undefined;
}

export interface HttpSeries {
  readonly method: string;
  readonly status: number;
  readonly errorCode: number;
  readonly expected: boolean | undefined;
  readonly proto: string;
  readonly tlsVersion: string;
  readonly reqs: number;
  readonly failed: number;
  readonly duration: number;
  readonly blocked: number;
  readonly connecting: number;
  readonly tls: number;
  readonly sending: number;
  readonly waiting: number;
  readonly receiving: number;
}

const protoOf = ({ connection }: RequestTags): string => connection?.proto ?? "HTTP/1.1";

/** Whether samples of such a request belong to these series; its name already agrees. */
export const isSeriesOf = (series: HttpSeries, of: RequestTags): boolean =>
  series.method === of.method &&
  series.status === of.status &&
  series.errorCode === of.errorCode &&
  series.expected === of.expected &&
  series.tlsVersion === (of.connection?.tlsVersion ?? "") &&
  series.proto === protoOf(of);

export function makeHttpSeries(
  sink: Sink,
  scope: Readonly<Record<string, string>>,
  of: RequestTags,
): HttpSeries {
  const tags: Record<string, string> = {
    ...scope,
    name: of.name,
    method: of.method,
    status: String(of.status),
    proto: protoOf(of),
  };
  const tlsVersion = of.connection?.tlsVersion ?? "";
  if (tlsVersion !== "") tags["tls_version"] = tlsVersion;
  if (of.expected !== undefined) tags["expected_response"] = String(of.expected);
  if (of.errorCode !== 0) tags["error_code"] = String(of.errorCode);
  return {
    method: of.method,
    status: of.status,
    errorCode: of.errorCode,
    expected: of.expected,
    proto: protoOf(of),
    tlsVersion,
    reqs: sink.series(builtin("http_reqs"), tags),
    failed: of.expected === undefined ? -1 : sink.series(builtin("http_req_failed"), tags),
    duration: sink.series(builtin("http_req_duration"), tags),
    blocked: sink.series(builtin("http_req_blocked"), tags),
    connecting: sink.series(builtin("http_req_connecting"), tags),
    tls: sink.series(builtin("http_req_tls_handshaking"), tags),
    sending: sink.series(builtin("http_req_sending"), tags),
    waiting: sink.series(builtin("http_req_waiting"), tags),
    receiving: sink.series(builtin("http_req_receiving"), tags),
  };
}

/** Adds the samples of one ended exchange. */
export function recordExchange(sink: Sink, series: HttpSeries, exchange: Exchange): void {
  const { sendingUs, waitingUs, receivingUs } = exchange;
  sink.add(series.reqs, 1);
  if (series.expected !== undefined) sink.add(series.failed, series.expected ? 0 : 1);
  sink.add(series.duration, sendingUs + waitingUs + receivingUs);
  sink.add(series.blocked, exchange.blockedUs);
  sink.add(series.connecting, exchange.connectingUs);
  sink.add(series.tls, exchange.tlsUs);
  sink.add(series.sending, sendingUs);
  sink.add(series.waiting, waitingUs);
  sink.add(series.receiving, receivingUs);
}
