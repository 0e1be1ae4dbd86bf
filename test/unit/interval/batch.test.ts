/** Frames that travel together come out as they went in; what cannot be taken apart stays whole. */
import { describe, expect, it } from "vitest";
import { joinFrames, splitFrames } from "../../../src/domain/interval/batch.ts";
import { builtin } from "../../../src/domain/metric/builtin.ts";
import { Recorder } from "../../../src/engine/recorder.ts";

function frames(count: number): Uint8Array[] {
  const recorder = new Recorder("a.1/w0", { zone: "ü" });
  return Array.from({ length: count }, (_, window) => {
    for (const status of ["200", "500"].slice(window % 2)) {
      recorder.add(recorder.series(builtin("http_req_duration"), { status }), 1000 * window + 7);
    }
    return recorder.close(window, { final: window === count - 1, health: [] });
  });
}

describe("a message of several frames", () => {
  it.each([1, 2, 32])("of %i gives them back, each as it was", (count) => {
    const sent = frames(count);
    expect(splitFrames(joinFrames(sent))).toEqual(sent);
  });

  it("of one is that frame, and is not copied", () => {
    const [frame] = frames(1);
    if (frame === undefined) throw new Error("one frame was made");
    expect(joinFrames([frame])).toBe(frame);
    expect(splitFrames(frame)[0]).toBe(frame);
  });

  it("that is cut off or spoiled stays whole", () => {
    const joined = joinFrames(frames(3));
    const cut = joined.subarray(0, -1);
    const spoiled = joined.slice().fill(255, 1, 8);
    expect(splitFrames(cut)).toEqual([cut]);
    expect(splitFrames(spoiled)).toEqual([spoiled]);
  });
});
