/**
 * A target with a clock: it notes the instant of each arrival on the machine's monotonic clock, by the number in the
 * path (`/a/17`) or in order of arrival (`/a`), and answers `/d/50` after 50 ms, noting how long it really took. Each
 * message asks for what was noted since the last one. It ends with its parent.
 */
import { type AddressInfo, createServer, type Socket } from "node:net";

const answer = Buffer.from("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok");
const HEAD_END = "\r\n\r\n";
const nowUs = (): number => Number(process.hrtime.bigint() / 1000n);

let numbers: number[] = [];
let instantsUs: number[] = [];
let delaysUs: Record<string, number[]> = {};

function note(path: string, socket: Socket): void {
  const atUs = nowUs();
  const [, kind, rest = ""] = path.split("/");
  if (kind !== "d") {
    socket.write(answer);
    numbers.push(rest === "" ? numbers.length : Number(rest));
    instantsUs.push(atUs);
    return;
  }
  const dueUs = atUs + Number(rest) * 1000;
  const step = (): void => {
    const leftUs = dueUs - nowUs();
    if (leftUs > 1500) setTimeout(step, Math.floor(leftUs / 1000) - 1);
    else if (leftUs > 0) setImmediate(step);
    else {
      socket.write(answer);
      (delaysUs[rest] ??= []).push(nowUs() - atUs);
    }
  };
  step();
}

const server = createServer((socket) => {
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
    for (let end = text.indexOf(HEAD_END); end >= 0; end = text.indexOf(HEAD_END)) {
      note(text.slice(text.indexOf(" ") + 1, text.indexOf(" HTTP/")), socket);
      text = text.slice(end + HEAD_END.length);
    }
  });
});

process.on("message", () => {
  process.send?.({ numbers, instantsUs, delaysUs });
  [numbers, instantsUs, delaysUs] = [[], [], {}];
});
process.on("disconnect", () => process.exit(0));
server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () =>
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
);
