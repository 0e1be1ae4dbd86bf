/**
 * The one shape that every peer of the comparison has, and the load that all of them are asked for.
 * A peer knows how to be had and how to be run; it does not know rounds, tables or the other peers.
 */
import type { PinnedRun } from "./pinned.ts";

/** Everything of a peer runs here; the target and the bench itself have the other core. */
export const GENERATOR_CORE = 0;
export const TARGET_CORE = 1;
export const CONNECTIONS = 50;

export interface Unavailable {
  readonly unavailable: string;
}

/** What a peer says of its own run. The target's count is the witness beside it. */
export interface PeerFigures {
  readonly requests: number;
  readonly seconds: number;
  readonly failed: number;
  readonly p99Ms?: number | undefined;
  /** What the peer itself wants a reader to know, such as a warning about its CPU. */
  readonly note?: string | undefined;
}

export interface Peer {
  readonly name: string;
  /** What it does for each request besides sending it, for a fair reading of the table. */
  readonly work: string;
  /** Looks for it, fetches it if that is allowed; its version, or why it cannot be had. A rejection means that too. */
  readonly prepare: () => Promise<string | Unavailable>;
  /** One run of 50 connections, keep-alive GET. Throws when the peer fails. */
  readonly run: (url: string, seconds: number) => Promise<PeerFigures>;
}

/** What peers are given to work with. */
export interface Workplace {
  /** An empty folder, removed at the end. */
  readonly folder: string;
  /** Where fetched peers stay: `peers` in MESH_CACHE. */
  readonly shelf: string;
  /** k6 is fetched only on demand (`--fetch-k6`): it is AGPL software, and building it takes minutes. */
  readonly fetchK6: boolean;
  readonly say: (line: string) => void;
  /** Runs a program on the generator's core to its end. */
  readonly pinned: PinnedRun;
  /** Runs a program on any core: for looking and fetching. */
  readonly anywhere: PinnedRun;
}

/** How long a run may take that is asked for `seconds`: starting, draining and a slow machine included. */
export const runBoundMs = (seconds: number): number => (seconds + 60) * 1000;
