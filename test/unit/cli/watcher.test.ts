/** The watcher of a server's log where the folder's records cannot be read: it goes on, and says so once. */
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
    .toEqual(["whose credentials are whose is not known: keys/zone-eu.nk is missing"]);
  expect(reads).toBe(1);
  await watcher.stop();
});
