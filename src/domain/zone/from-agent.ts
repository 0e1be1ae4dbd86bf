/**
 * Reports of agents, as far as they are news: of a run only what an agent says of its own part, in the incarnation that has
 * it, and only while the share is known.
 */
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import { goodbye, hello, type Measured } from "../agent/membership.ts";
import type { ZoneInput } from "./input.ts";
import { isPartSettled, stageKey, type ZoneState } from "./state.ts";

export function fromAgent(
  state: ZoneState,
  input: ZoneInput & { readonly type: "Report" },
  measured: Measured,
): readonly ZoneEvent[] {
  const { agent, report: said } = input;
  if (said.type === "Hello") return hello(state, agent, said, measured);
  if (said.type === "Goodbye") return goodbye(state, agent, said.incarnation, measured);
  const share = state.shares[said.run];
  const incarnation = said.type === "PartFinished" ? said.finish.incarnation : said.incarnation;
  const part = share?.parts.find(
    (candidate) => candidate.agent === agent && candidate.incarnation === incarnation,
  );
  if (share === undefined || part === undefined || share.forgotten) return [];
  const { run } = said;
  switch (said.type) {
    case "PartFailed":
      return [{ type: "AgentFailed", run, agent, incarnation, failure: said.failure }];
    case "AbortCalled":
      return [{ type: "AbortRequested", run, agent, cause: said.cause }];
    case "PartFinished": {
      // Whose it is says the subject, and an agent speaks of no zone.
      const { zone: _, ...finish } = said.finish;
      return isPartSettled(share, part) ? [] : [{ type: "AgentFinished", run, finish: { ...finish, agent } }];
    }
    case "StageDone": {
      if (share.stages.includes(stageKey({ agent, incarnation, stage: said.stage }))) return [];
      const { stage, value, failure } = said;
      const result = {
        ...(value === undefined ? {} : { value }),
        ...(failure === undefined ? {} : { failure }),
        ...(input.aside === undefined ? {} : { aside: input.aside }),
      };
      return [
        { type: "StageReported", run, stage, agent, incarnation, ...result, intervals: input.intervals },
      ];
    }
  }
}
