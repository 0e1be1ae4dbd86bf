/** Laws of membership: an agent has one live incarnation, and a barrier opens when each participant has arrived, once. */
import type { Violation } from "../evidence.ts";
import type { View, ZoneView } from "../view.ts";

export const memberLaws = ({ zones }: View): readonly Violation[] =>
  zones.flatMap((zone) => [...incarnations(zone), ...barriers(zone), ...silences(zone)]);

/** A new incarnation joins only after the one before was lost or left; numbers rise. */
function incarnations({ events, zone }: ZoneView): readonly Violation[] {
  const live = new Map<string, number>();
  const highest = new Map<string, number>();
  return events.flatMap(({ body, type }): readonly Violation[] => {
    if (type === "AgentLost" && body.loss.zone === undefined) live.delete(body.loss.agent);
    if (type === "AgentLeft") live.delete(body.agent);
    if (type !== "AgentJoined") return [];
    const { agent, incarnation } = body;
    const before = live.get(agent);
    const isNew = incarnation > (highest.get(agent) ?? -1);
    live.set(agent, incarnation);
    highest.set(agent, Math.max(incarnation, highest.get(agent) ?? -1));
    if (before === undefined && isNew) return [];
    return [
      { law: "membership", message: `zone ${zone}: ${agent}.${incarnation} joins beside ${agent}.${before}` },
    ];
  });
}

/** A share is ready when everybody with a part has arrived; each arrival is one fact. */
function barriers({ events, zone }: ZoneView): readonly Violation[] {
  const ready = new Map<string, Set<string>>();
  return events.flatMap(({ body, type }): readonly Violation[] => {
    const run = body.run ?? "";
    const arrived = ready.get(run) ?? new Set<string>();
    ready.set(run, arrived);
    if (type === "ShareAssigned") ready.set(run, new Set());
    if (type === "AgentReady") {
      const isTwice = arrived.has(body.agent);
      arrived.add(body.agent);
      return isTwice
        ? [{ law: "barrier", message: `zone ${zone}, ${run}: ${body.agent} arrives twice` }]
        : [];
    }
    // Of a zone below, its own word stands for all of its agents.
    if (type === "ChildReady") for (const { agent, zone: of } of body.members) arrived.add(`${of}/${agent}`);
    const missing =
      type === "ShareReady"
        ? body.members.filter(
            (each) => !arrived.has(each.zone === undefined ? each.agent : `${each.zone}/${each.agent}`),
          )
        : [];
    return missing.map(({ agent }) => ({
      law: "barrier",
      message: `zone ${zone}, ${run}: the barrier opens before ${agent} has arrived`,
    }));
  });
}

/** An assignment is a word from above: nobody may say soon after it that nothing was heard. */
function silences({ events, zone }: ZoneView): readonly Violation[] {
  const assigned = new Map<string, { readonly atUs: number; readonly afterMs: number }>();
  return events.flatMap(({ body, published: { atUs }, type }): readonly Violation[] => {
    const run = body.run ?? "";
    if (type === "ShareDivided") assigned.set(run, { atUs, afterMs: assigned.get(run)?.afterMs ?? 0 });
    if (type === "ShareAssigned")
      assigned.set(run, { atUs, afterMs: body.plan.onSilence.afterMs ?? Infinity });
    const isSilence =
      body.zone === undefined &&
      type === "AgentFailed" &&
      body.failure?.message.includes("(onSilence)") === true;
    const { afterMs = 0, atUs: sinceUs = 0 } = assigned.get(run) ?? {};
    if (!isSilence || atUs - sinceUs >= afterMs * 1000) return [];
    return [
      {
        law: "silence",
        message: `zone ${zone}, ${run}: ${body.agent} was assigned ${atUs - sinceUs} µs before`,
      },
    ];
  });
}
