/** Samples of the messages that carry guard rails, with all of what they may say of them. */
import type { Guard } from "../../streams/schema/guard.ts";
import { samples } from "./samples.ts";

const { AgentFinished, ShareAssigned, ShareRefused } = samples["zone event"];
const { AssignShare } = samples["node command"];
const { RunPlanned, RunStopping } = samples["run event"];

const guard: Guard = {
  zone: "fra",
  targets: ["*.shop.test", "10.0.0.0/8"],
  deny: ["loopback"],
  allowDenied: ["169.254.10.0/24"],
  maxRate: 500,
  maxRequests: 1_000_000,
  maxVus: 200,
  maxDurationMs: 1_800_000,
};
const actor = "ana@laptop";
const controlPlane = ["hub.test:4222", "[::1]:4222"];

const refused = {
  kind: "guard-refused" as const,
  message: "shop.ts runs for 2h, and the owner of zone fra allows 30m (maxDuration)",
  by: "the owner of zone fra",
};

const guarded = {
  "run event": {
    RunPlanned: { ...RunPlanned, plan: { ...RunPlanned.plan, http: { targets: ["*.shop.test", "https://pay.test"] } } },
    RunStopping: { ...RunStopping, cause: { ...refused, kind: "guard-reached" as const } },
  },
  "zone event": {
    AgentFinished: {
      ...AgentFinished,
      finish: {
        ...AgentFinished.finish,
        guarded: [
          { rail: "metadata, built in", did: "refused" as const, requests: 3 },
          { rail: "maxRate of zone fra", did: "held" as const, requests: 4711 },
        ],
      },
    },
    ShareAssigned: { ...ShareAssigned, actor, guards: [{ zone: "world" }, guard], controlPlane },
    ShareRefused: { ...ShareRefused, cause: refused },
  },
  "node command": {
    AssignShare: {
      ...AssignShare,
      actor,
      guards: [{ ...guard, part: { rate: 125_000, requests: 250_000 } }],
      controlPlane,
    },
  },
};

type Bodies = Readonly<Record<string, { readonly type: string } | undefined>>;

/** By family and key; most messages have none. */
export const guardedSamples: Readonly<Record<string, Bodies | undefined>> = guarded;
