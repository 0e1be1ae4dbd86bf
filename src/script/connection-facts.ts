/** What is known of the connection that carried an exchange; made once per connection. */
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";

export interface ConnectionFacts {
  /** k6's names: `HTTP/1.1`, `HTTP/2.0`. */
  readonly proto: string;
  readonly remoteIp: string;
  readonly remotePort: number;
  /** `tls1.3`; "" without TLS. */
  readonly tlsVersion: string;
  readonly cipher: string;
}

/** Of an open socket. */
export function factsOf(socket: Socket, proto = "HTTP/1.1"): ConnectionFacts {
  const { remoteAddress: remoteIp = "", remotePort = 0 } = socket;
  if (!("getCipher" in socket)) return { proto, remoteIp, remotePort, tlsVersion: "", cipher: "" };
  const secure = socket as TLSSocket;
  // `TLSv1.2` → `tls1.2`; `TLSv1` is 1.0.
  const version = (secure.getProtocol() ?? "").replace(/^TLSv/, "tls").replace(/^tls1$/, "tls1.0");
  const cipher = secure.getCipher() as { readonly standardName?: string } | undefined;
  return { proto, remoteIp, remotePort, tlsVersion: version, cipher: cipher?.standardName ?? "" };
}
