/**
 * What may come to a zone: told by the node above, said by agents and zones below, found out by the zone itself. Types
 * only.
 */
import type { NodeCommand } from "../../../streams/commands/node.ts";
import type { Report } from "../../../streams/messages/report.ts";
import type { AccessRefusal } from "../../../streams/schema/access.ts";
import type { Aside } from "../../../streams/schema/finish.ts";
import type { ShareRails } from "../guard/share-rails.ts";
import type { ChildFact } from "./from-child.ts";

export type ZoneInput =
  | {
      readonly type: "Start";
      readonly zone: string;
      readonly protocol: number;
      readonly program: string;
      /** The zone above; undefined where that is root. */
      readonly parent?: string | undefined;
    }
  | {
      readonly type: "Command";
      readonly command: NodeCommand;
      readonly zoneStartAt: number;
      /** Of a share: what holds for it here. */
      readonly rails?: ShareRails | undefined;
    }
  | ({ readonly type: "ChildFact" } & ChildFact)
  | { readonly type: "ChildSilent"; readonly run: string; readonly zone: string; readonly reason: string }
  | {
      readonly type: "Report";
      readonly agent: string;
      readonly report: Report;
      readonly intervals: number;
      /** Of a stage: what of its intervals could not be counted. */
      readonly aside?: Aside | undefined;
    }
  | { readonly type: "Arrived"; readonly run: string; readonly agent: string; readonly incarnation: number }
  | { readonly type: "Silent"; readonly agent: string; readonly reason: string }
  /** `below`: idle agents of zones below. */
  | {
      readonly type: "WaitedLongEnough";
      readonly run: string;
      readonly seconds: number;
      readonly below?: number;
    }
  /** Its server refused somebody something, counted already. */
  | { readonly type: "Access"; readonly refusal: AccessRefusal }
  | { readonly type: "CannotServe"; readonly run: string; readonly message: string }
  /** What the agents stated is inside the zone's own interval log, which is this long, or is aside for good. */
  | {
      readonly type: "Merged";
      readonly run: string;
      readonly intervals: number;
      readonly aside?: Aside | undefined;
      /** Zones below that were given up and may still come back. */
      readonly awaits?: readonly string[];
    };
