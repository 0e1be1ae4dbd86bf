/** A second sample of messages that have gained optional fields since their first bytes were frozen: with all of them. */
import { samples } from "./samples.ts";

const { RunPlanned } = samples["run event"];
const { PlanRun } = samples["door command"];
const labels = { git_commit: "2a08ba5", ticket: "SHOP-7" };

const full = {
  "run event": { RunPlanned: { ...RunPlanned, plan: { ...RunPlanned.plan, history: false, labels } } },
  "door command": {
    PlanRun: {
      ...PlanRun,
      request: {
        ...PlanRun.request,
        metrics: [{ name: "basket_value", kind: "trend" }],
        history: false,
        labels,
      },
    },
  },
};

type Bodies = Readonly<Record<string, { readonly type: string } | undefined>>;

/** By family and key; most messages have none. */
export const fullSamples: Readonly<Record<string, Bodies | undefined>> = full;
