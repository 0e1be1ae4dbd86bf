/** The watcher of a server's log where something is not there: records, answers, time. It goes on, and says so once. */
import { expect, it } from "vitest";
import { Watcher } from "../../../src/cli/trust/watcher.ts";

it("goes on where nobody knows whose credentials are whose, and does not look for each login of a flood", async () => {
  const notes: string[] = [];
  let reads = 0;
  const away = Promise.withResolvers<never>();
  const watcher = new Watcher({
    open: () => away.promise,
    subjectOf: () => "mesh.r.watch.hub",
    holders: () => {
      reads += 1;
      throw new Error("keys/zone-eu.nk is missing");
    },
    zone: undefined,
    pid: undefined,
    note: (line) => void notes.push(line),
  });
  const key = `U${"A".repeat(55)}`;
  for (let i = 0; i < 200; i++) {
    watcher.hear(
      `[7] 2026/11/29 19:09:31.651721 [ERR] 127.0.0.1:5251 - cid:${i} - authentication error - Nkey "${key}"`,
    );
  }
  await expect
    .poll(() => notes)
    .toEqual([
      "whose credentials are whose is not known: keys/zone-eu.nk is missing",
      `a login of another folder (${key}) may not connect: authentication error from 127.0.0.1`,
    ]);
  expect(reads).toBe(1);
  await watcher.stop();
  expect(notes.slice(2)).toEqual([
    `a login of another folder (${key}) may not connect, 199 times: authentication error from 127.0.0.1`,
    "the mesh was not told of 200 refused accesses",
  ]);
});

const at = "[7] 2026/11/29 19:09:31.651721";
const closed = `${at} [INF] 127.0.0.1:7422 - lid:6 - Leafnode connection closed: Client Closed - Remote: x`;

/** A watcher of server process 7, whose link 6 calls itself so; and what it passes on. */
function watcherBeside(calls: string) {
  const [notes, believed]: [string[], string[]] = [[], []];
  const link = { name: "zone-eu", key: undefined, calls, tags: [], subscriptions: [] };
  const watcher = new Watcher({
    open: () =>
      Promise.resolve({
        server: "hub",
        connection: () => Promise.resolve(link),
        links: () => Promise.resolve([]),
        tell: () => Promise.resolve(),
        ended: new Promise(() => {}),
        close: () => Promise.resolve(),
      }),
    subjectOf: () => "mesh.r.watch.hub",
    holders: () => new Map(),
    zone: undefined,
    pid: 7,
    note: (line) => void notes.push(line),
    passOn: (line, isBelieved) => void (isBelieved && believed.push(line)),
  });
  return { believed, notes, watcher };
}

it("passes on whose lines count: none of another process, and none that a link's name has made", async () => {
  const forged = `${at} [ERR] send money`;
  const { believed, notes, watcher } = watcherBeside(`x\n${forged}\r\n${forged}\u2028`);
  const foreign = "[8] 2026/11/29 19:09:31.651721 [ERR] send money";
  for (const line of [foreign, closed, `${forged}\r`, `${forged}\u2028`, `${at} [ERR] true`])
    watcher.hear(line);
  await expect.poll(() => believed).toEqual([closed, `${at} [ERR] true`]);
  expect(notes).toEqual(["zone-eu may not link: its name forges lines of the server's log (server hub)"]);
  await watcher.stop();
});

it("says how many lines came too fast to be looked at", async () => {
  const { believed, notes, watcher } = watcherBeside("x");
  watcher.hear(closed); // whoever asks for its name waits for an answer
  for (let line = 0; line < 10_500; line += 1) watcher.hear(`${at} [INF] ${line}`);
  await expect.poll(() => believed).toHaveLength(10_001);
  expect(notes).toEqual(["the server's log came too fast: 500 of its lines were not looked at"]);
  await watcher.stop();
});
