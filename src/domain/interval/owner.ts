/**
 * Whose an interval is: the node in its source. It must be the node on whose subject it came, which permissions bind, or one
 * node could write another's numbers. Pure.
 */
import { ByteReader, MalformedFrame } from "../metric/byte-reader.ts";
import { readFrameHead } from "./head.ts";

/** The node of a source `node.incarnation`. */
export const nodeOf = (source: string): string => source.slice(0, source.lastIndexOf("."));

/** False where the frame says that it is another node's. One that cannot be read says nothing: its merge puts it aside. */
export function isOf(node: string, frame: Uint8Array): boolean {
  try {
    return nodeOf(readFrameHead(new ByteReader(frame)).source) === node;
  } catch (error) {
    if (error instanceof MalformedFrame) return true;
    throw error;
  }
}
