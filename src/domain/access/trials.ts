/**
 * Harmless things to try with a login: what its holder must be able to do, and what nobody with such a login may. Nothing
 * here changes anything, also where it is wrongly allowed: it asks, listens for a moment, or names what does not exist.
 * What must be refused names nobody that there is, so that whoever reads of a refusal knows a trial from an attack.
 */
import { assets, durables } from "../../../streams/assets.ts";
import { UPPER_API } from "../../../streams/leaf.ts";
import { patterns } from "../../../streams/subjects.ts";

/** Whose login it is, by what the credentials say. */
export interface Holder {
  readonly role: string;
  readonly zone: string;
  readonly agent: string;
}

export interface Trial {
  /** What is tried, in words that follow "may". */
  readonly what: string;
  readonly kind: "ask" | "listen";
  readonly subject: string;
  readonly must: boolean;
}

const API = "$JS.API";
/** Names that nobody has: a wrong permission does no harm to them. */
const NOBODY = "mesh-doctor-nobody";

const ask = (what: string, subject: string, must = true): Trial => ({ what, kind: "ask", subject, must });
const never = (what: string, kind: Trial["kind"], subject: string): Trial => ({
  what,
  kind,
  subject,
  must: false,
});

/** What nobody may, whatever the role: such a login is bound by nothing. */
const UNBOUND: readonly Trial[] = [
  never("listen to everything (>)", "listen", `${NOBODY}.>`),
  never("read everybody's answers (_INBOX.>)", "listen", `_INBOX.${NOBODY}.>`),
  never("delete streams", "ask", `${API}.STREAM.DELETE.${NOBODY}`),
];

const foreignZone: Trial = never(
  "listen to another zone",
  "listen",
  patterns.zoneEvents(NOBODY).replace("*", ">"),
);

const info = (stream: string, durable: string) => `${API}.CONSUMER.INFO.${stream}.${durable}`;

const OWN: Readonly<Record<string, (holder: Holder) => readonly Trial[]>> = {
  root: () => [
    ask("ask what is stored", `${API}.INFO`),
    ask("take commands", info(assets.rootCommands.name(), durables.root.name())),
    ask("look at a stream", `${API}.STREAM.INFO.${assets.runEvents.name()}`),
  ],
  door: () => [
    ask("ask what is stored", `${API}.INFO`),
    ask("read the logs of runs", `${API}.STREAM.INFO.${assets.runEvents.name()}`),
    ask("read the mesh log", `${API}.STREAM.INFO.${assets.meshEvents.name()}`),
    foreignZone,
  ],
  zone: ({ zone }) => [
    ask("ask what is stored", `${API}.INFO`),
    ask("take reports of agents", info(assets.agentReports.name(zone), durables.reports.name())),
    foreignZone,
    never("delete streams of the hub", "ask", `${UPPER_API}.STREAM.DELETE.${NOBODY}`),
  ],
  agent: ({ agent, zone }) => [
    ask("take its commands", info(assets.agentCommands.name(zone), durables.agent.name(agent))),
    foreignZone,
    never("take another agent's commands", "ask", info(assets.agentCommands.name(zone), `agent-${NOBODY}`)),
  ],
};

/** Undefined for a login that is none of ours: nothing is known of what it should be able to do. */
export function trialsFor(holder: Holder): readonly Trial[] | undefined {
  const own = OWN[holder.role]?.(holder);
  return own === undefined ? undefined : [...own, ...UNBOUND];
}

/** What doctors try at the servers of this zone, or of the hub, and are refused where all is well. */
export const refusedTrials = (zone = NOBODY): ReadonlySet<string> =>
  new Set(
    Object.keys(OWN)
      .flatMap((role) => trialsFor({ role, zone, agent: NOBODY }) ?? [])
      .flatMap(({ must, subject }) => (must ? [] : [subject])),
  );
