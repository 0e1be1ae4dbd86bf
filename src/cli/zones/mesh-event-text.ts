/** One event of the mesh log as one line of text. */
import type { AccessRefusal } from "../../../streams/schema/access.ts";
import type { MeshEvent } from "../../../streams/events/mesh.ts";
import { printable } from "../../domain/printable.ts";
import { durationText } from "../../domain/summary/figures.ts";
import { localTime } from "../local-time.ts";

export function meshEventText(event: MeshEvent): string {
  switch (event.type) {
    case "ZoneSeen": {
      const under = event.parent === undefined ? "" : ` under zone ${event.parent}`;
      return `zone ${event.zone}${under}: ${printable(event.program)}, protocol ${event.protocol}, on ${printable(event.host)}`;
    }
    case "ZoneSilent":
      return `zone ${event.zone} was heard last at ${localTime(event.since)}`;
    case "ZoneReturned":
      return `zone ${event.zone} is heard again after ${durationText(event.silentMs)}`;
    case "ZoneDrained":
      return `zone ${event.zone} gets no new runs${byText(event)}`;
    case "ZoneUndrained":
      return `zone ${event.zone} gets new runs again${byText(event)}`;
    case "ZoneRevoked":
      return `the credentials of zone ${event.zone} are not valid any more${byText(event)}`;
    case "AccessRefused":
      return accessText(event);
    case "ScriptRefused":
      return `zone ${event.zone} refused run ${event.run}: ${event.reason}`;
    case "CommandRefused":
      return `${event.command}: ${event.reason} (${event.actor})`;
    case "RunRemoved": {
      const script = event.script === undefined ? "" : `: ${event.script}`;
      return `run ${event.run}${script} (${event.actor})`;
    }
  }
}

/** `zone-eu may not publish on mesh.z.us.beat, 17 times: … (server hub-1)`. */
export function accessText(refusal: AccessRefusal & { readonly zone?: string }): string {
  const { count, detail, operation, principal, server, subject, zone } = refusal;
  const who =
    principal === "" ? "somebody" : principal.replace(/^key (\S+)$/, "a login of another folder ($1)");
  const why = detail === undefined ? "" : `: ${detail}`;
  const of = zone === undefined ? `server ${server}` : `server ${server} of zone ${zone}`;
  // A server that could not be asked yet has no name.
  const at = server === "" ? "" : ` (${of})`;
  if (operation === "trial") return `mesh doctor tried what ${who} may not, and was refused${why}${at}`;
  const verb = operation === "leaf" ? "link" : operation;
  const what = subject === "" ? verb : `${verb} ${subject}`;
  const often = count === 1 ? "" : `, ${count} times`;
  return `${who} may not ${what}${often}${why}${at}`;
}

const byText = ({ actor, reason }: { readonly actor: string; readonly reason?: string }): string =>
  `${reason === undefined ? "" : `: ${reason}`} (${actor})`;
