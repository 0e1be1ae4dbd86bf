/** Which stream of JetStream an asset is: key-value buckets and object stores are streams with a prefix. */
import { assetOfSubject } from "../../streams/asset-of-subject.ts";
import { assets } from "../../streams/assets.ts";
import type { AssetRef } from "../ports/server.ts";

export const streamName = ({ asset, zone }: AssetRef): string => {
  const { kind, name } = assets[asset];
  const prefix = kind === "key-value" ? "KV_" : kind === "object-store" ? "OBJ_" : "";
  return prefix + name(zone);
};

/** The stream that keeps a subject; every subject that we write is one of ours. */
export function streamOf(subject: string): string {
  const where = assetOfSubject(subject);
  if (where === undefined) throw new Error(`no stream of ours keeps ${subject}`);
  return streamName(where);
}
