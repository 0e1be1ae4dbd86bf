/** The faults of `main.ts`: what happens to the link of zone a in mid-run, and for how long. */
import { setTimeout as pause } from "node:timers/promises";
import type { LeafMesh, LeafZone } from "../../test/support/leaf-mesh.ts";

export interface Fault {
  readonly name: string;
  /** Does it, waits as long as it lasts, and mends it; undefined for the run beside which the others stand. */
  readonly strike?: (mesh: LeafMesh, zone: LeafZone, forMs: number) => Promise<void>;
}

/** How long a killed server stays down. */
const DOWN_MS = 5_000;

export const faults: readonly Fault[] = [
  { name: "no fault" },
  {
    name: "link cut (veth down)",
    strike: async (_, { site }, forMs) => {
      await site.cut();
      await pause(forMs);
      await site.heal();
    },
  },
  {
    name: "link cut (reset, then refused)",
    strike: async (_, { link }, forMs) => {
      await link.set({ refuse: true });
      await link.reset();
      await pause(forMs);
      await link.set({});
    },
  },
  {
    name: "black hole (accepts, passes nothing)",
    strike: async (_, { link }, forMs) => {
      await link.set({ hold: true });
      await pause(forMs);
      await link.set({});
    },
  },
  {
    name: `hub's server killed, ${DOWN_MS / 1000} s down`,
    strike: async ({ hub }) => {
      await hub.kill();
      await pause(DOWN_MS);
      await hub.start();
    },
  },
  {
    name: `zone's server killed, ${DOWN_MS / 1000} s down`,
    strike: async (_, { server }) => {
      await server.kill();
      await pause(DOWN_MS);
      await server.start();
    },
  },
  {
    name: "slow link (500 ms each way)",
    strike: async (_, { link }, forMs) => {
      await link.set({ delayMs: 500 });
      await pause(forMs);
      await link.set({});
    },
  },
];
