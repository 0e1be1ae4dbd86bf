/** What of a server's log a person sees. */
import { describe, expect, it } from "vitest";
import { serverWords } from "../../../src/cli/trust/server-words.ts";

const at = "[7] 2026/11/29 20:03:45.811302";

describe("words of a server's log", () => {
  it("say what to do when the disk is full", () => {
    const line = `${at} [ERR] JetStream stream 'A > MESH_Z_a_INTERVALS' critical write error: write js/1.blk: no space left on device`;
    expect(serverWords(line)).toMatch(/^its disk is full: .*make room/);
  });

  it("are those of the server where nothing better is known, and none for what is routine", () => {
    expect(serverWords(`${at} [WRN] clocks differ`)).toBe("clocks differ");
    expect(serverWords(`${at} [INF] Server is ready`)).toBeUndefined();
  });
});
