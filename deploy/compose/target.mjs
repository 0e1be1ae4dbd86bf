/** What compose.yaml's run tests: answers everything with a few bytes, after two milliseconds. */
import { createServer } from "node:http";

const [host, port] = (process.argv[2] ?? "0.0.0.0:8080").split(":");
const server = createServer((request, response) => {
  request.resume().once("end", () => setTimeout(() => response.end(`${request.url}\n`), 2));
});
server.listen(Number(port), host, () => console.log(`listens on ${host}:${port}`));
for (const signal of ["SIGTERM", "SIGINT"]) {
  process.once(signal, () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
}
