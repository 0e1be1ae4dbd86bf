/**
 * Frames in one message: a node whose link is slow sends all that waits at once, because it may not send the next
 * before the server has answered. One frame behind the other, nothing between them.
 */
import { ByteReader, MalformedFrame, readCount } from "../metric/byte-reader.ts";
import { readFrameHead } from "./head.ts";

export function joinFrames(frames: readonly Uint8Array[]): Uint8Array {
  const [first] = frames;
  if (frames.length === 1 && first !== undefined) return first;
  const joined = new Uint8Array(frames.reduce((size, frame) => size + frame.length, 0));
  let at = 0;
  for (const frame of frames) {
    joined.set(frame, at);
    at += frame.length;
  }
  return joined;
}

/** The frames of a message. One that cannot be taken apart stays whole: whoever reads it says what is wrong. */
export function splitFrames(bytes: Uint8Array): readonly Uint8Array[] {
  try {
    return split(bytes);
  } catch (error) {
    if (error instanceof MalformedFrame) return [bytes];
    throw error;
  }
}

function split(bytes: Uint8Array): readonly Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = endOf(bytes, at);
    frames.push(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
    at = end;
  }
  return frames;
}

/** Where the frame that begins at `at` ends: found by the lengths in it, without reading what it says. */
function endOf(bytes: Uint8Array, at: number): number {
  const reader = new ByteReader(bytes, at);
  readFrameHead(reader);
  reader.section();
  for (let left = readCount(reader); left > 0; left -= 1) {
    reader.skip(8);
    reader.skip(reader.uvarint());
  }
  for (let left = readCount(reader); left > 0; left -= 1) {
    reader.skip(9);
    reader.skip(reader.uvarint());
  }
  return reader.at;
}
