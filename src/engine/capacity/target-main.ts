/**
 * Entry of the target that an agent is measured against: a socket server on loopback that answers every request head with
 * the same two bytes. It has no bodies, no routes and no limits, so that the worker and not the target is measured. Its
 * first message is its URL; it ends with its parent.
 */
import { type AddressInfo, createServer } from "node:net";

const HEAD_END = Buffer.from("\r\n\r\n");
const ANSWER = Buffer.from("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok");

const server = createServer({ noDelay: true }, (socket) => {
  let rest = Buffer.alloc(0);
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => {
    let data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = data.indexOf(HEAD_END); end >= 0; end = data.indexOf(HEAD_END)) {
      data = data.subarray(end + HEAD_END.length);
      socket.write(ANSWER);
    }
    rest = data;
  });
});

process.on("disconnect", () => process.exit(0));
server.listen(0, "127.0.0.1", () =>
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
);
