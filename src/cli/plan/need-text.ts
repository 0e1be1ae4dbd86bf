/** How many agents a plan needs, in words, with the measurement it rests on and what it assumes. Pure. */
import { type Capacity, type Need, needOf, needOfPlan } from "../../domain/forecast/capacity.ts";
import type { Forecast } from "../../domain/forecast/forecast.ts";
import { grouped } from "../../domain/plan/place.ts";
import { bytesText } from "../../domain/summary/figures.ts";
import { type Page, paragraph } from "../../domain/summary/text-layout.ts";

/** How the run was asked for. */
export interface Asked {
  /** True where `mesh run` starts all agents on this machine. */
  readonly embedded: boolean;
  readonly capacity: Capacity | undefined;
}

const TOO_BUSY =
  "! How many it needs cannot be said: this machine was too busy when it was measured. " +
  "Measure again on an idle one: mesh bench --agent.";

export function needLines(forecast: Forecast, asked: Asked, indent: string, page: Page): string[] {
  const { capacity } = asked;
  if (capacity === undefined) {
    return paragraph(
      "Nobody has measured what an agent on this machine carries: mesh bench --agent does, in half a minute.",
      indent,
      page,
    );
  }
  const need = needHere(forecast, asked.embedded, capacity);
  const texts = [answer(need, forecast, asked), ...reasons(need, forecast, capacity)];
  return texts.flatMap((text) => paragraph(text, indent, page));
}

/** Where all agents share this machine and it carries all of them, that is enough. */
export function needHere(forecast: Forecast, embedded: boolean, capacity: Capacity): Need {
  const onOne = needOf(forecast, capacity);
  return embedded && onOne.agents === 1 ? onOne : needOfPlan(forecast, capacity);
}

function answer({ agents, by }: Need, { agents: wanted }: Forecast, { embedded }: Asked): string {
  const why = by === "memory" ? "for the memory of its VUs" : "for its rate";
  if (agents === null) return TOO_BUSY;
  const isOne = agents === 1;
  if (isOne && embedded) return "✓ This machine is enough.";
  if (embedded) {
    const where = "each with an agent (mesh agent --nats …): without --nats all agents share this one";
    return `! It needs ${grouped(agents)} machines like this one ${why}, ${where}.`;
  }
  const needs = isOne ? "one agent" : `${grouped(agents)} agents`;
  if (agents <= wanted) return `✓ It needs ${needs} of this machine's kind; ${wanted} are asked for.`;
  return `! It needs ${needs} of this machine's kind ${why}; ${wanted === 1 ? "one is" : `${wanted} are`} asked for.`;
}

function reasons(need: Need, { ratePeak, scenarios, vusMax }: Forecast, capacity: Capacity): string[] {
  const { machine, measuredAt, memory } = capacity;
  const cores = machine.cores === 1 ? "one core" : `${machine.cores} cores`;
  const measured = `measured here on ${measuredAt.slice(0, 10)} (${machine.cpu}, ${cores}, Node ${machine.node})`;
  const rate =
    ratePeak === null
      ? []
      : `Rate: at most ${rateText(ratePeak)}, one request per iteration assumed; ${carries(need, capacity)}.`;
  const loops = scenarios.every(({ model }) => model === "open")
    ? []
    : `Loops go as fast as the target answers; one carries at most ${rateText(need.closedPerSecond)} of them.`;
  const room = `VUs: at most ${grouped(vusMax)}; ${grouped(need.vus)} fit, ${bytesText(memory.vuBytes)} each.`;
  return [rate, loops, room, `All ${measured}; what your script does beside one request costs more.`].flat();
}

function carries({ openPerSecond: all }: Need, { perCore }: Capacity): string {
  if (all === null || perCore.openPerSecond === null) return "what one carries in time is unknown";
  return `one carries ${rateText(all)} (${rateText(perCore.openPerSecond)} per core, 99.9 % started within 1 ms)`;
}

/** Per second, with three digits that matter. */
export function rateText(perSecond: number): string {
  const text = perSecond >= 100 ? grouped(Math.round(perSecond)) : String(Number(perSecond.toPrecision(3)));
  return `${text}/s`;
}
