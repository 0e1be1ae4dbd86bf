/**
 * The smallest HTTP/1.1 target that is still one: a bare socket server with a fixed answer, so that the generator and
 * not the target is what gets measured. Prints its URL; ends when its stdin closes.
 */
import { createServer } from "node:net";

const body = "ok";
const answer = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
);
const end = Buffer.from("\r\n\r\n");

const server = createServer((socket) => {
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  let rest = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    let requests = 0;
    for (let at = data.indexOf(end); at >= 0; at = data.indexOf(end, from)) {
      from = at + end.length;
      requests += 1;
    }
    rest = from === data.length ? Buffer.alloc(0) : data.subarray(from);
    if (requests === 1) socket.write(answer);
    else if (requests > 1) socket.write(Buffer.concat(Array.from({ length: requests }, () => answer)));
  });
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
process.stdin.resume().on("end", () => process.exit(0));
