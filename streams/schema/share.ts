/**
 * A share of a run: the path of divisions from the whole (`[]`) down to one node. Division is nested: each step
 * names the weights of all siblings and which of them this is, so a leaf computes its part with no conversation.
 */
import * as Schema from "effect/Schema";
import { Count } from "./ids.ts";

export const Division = Schema.Struct({ weights: Schema.Array(Count), index: Count });
export type Division = typeof Division.Type;

export const Share = Schema.Array(Division);
export type Share = typeof Share.Type;
