/** Laws of the event logs: one writer, no older epoch after a newer one, an unbroken chain. */
import { createHash } from "node:crypto";
import type { Published, Violation } from "../evidence.ts";
import type { LogEvent, View } from "../view.ts";

interface Log {
  readonly name: string;
  readonly events: readonly LogEvent[];
}

const logsOf = ({ runs, zones }: View): readonly Log[] => [
  ...runs.map(({ run, events }) => ({ name: `log of ${run}`, events })),
  ...zones.map(({ zone, events }) => ({ name: `log of zone ${zone}`, events })),
];

export const logLaws = (view: View): readonly Violation[] =>
  logsOf(view)
    .flatMap((log) => [...chain(log), ...writers(log), ...epochs(log), ...bodies(log)])
    .concat(commandEpochs(view), notes(view));

/** A note stands in the log once at the most, however often its command was delivered, and once where its door heard so. */
const notes = ({ evidence, runs }: View): readonly Violation[] =>
  evidence.notes.flatMap(({ id, isHeard, run }): readonly Violation[] => {
    const events = runs.find((each) => each.run === run)?.events ?? [];
    const times = events.filter(({ body, type }) => type === "NoteAdded" && body.id === id).length;
    if (times === 1 || (times === 0 && !isHeard)) return [];
    return [{ law: "notes", message: `${run}: the note ${id} stands ${times} times in its log` }];
  });

const HASHED = [
  "id",
  "type",
  "version",
  "time",
  "epoch",
  "actor",
  "correlation",
  "causation",
  "previous",
] as const;

function hashOf({ data, envelope }: Published): string {
  const lines = HASHED.map((field) => `${envelope[field] ?? ""}\n`).join("");
  return createHash("sha256")
    .update(Buffer.concat([Buffer.from(lines), data]))
    .digest("hex");
}

function chain({ events, name }: Log): readonly Violation[] {
  let previous = "";
  return events.flatMap(({ published, type }): readonly Violation[] => {
    const { envelope } = published;
    const isRight = envelope.previous === previous && envelope.hash === hashOf(published);
    previous = envelope.hash ?? "";
    return isRight ? [] : [{ law: "hash chain", message: `${name}: ${type} ${envelope.id} breaks it` }];
  });
}

/** Within one tenure – a root's epoch, a coordinator's incarnation – one process writes, and no tenure comes again. */
function writers({ events, name }: Log): readonly Violation[] {
  const gone = new Set<string>();
  let tenure = "";
  let incarnation = 0;
  return events.flatMap(({ body, published: { by, envelope }, type }): readonly Violation[] => {
    if (type === "ZoneStarted") incarnation = body.incarnation;
    const now = name.includes("zone")
      ? `${by}, incarnation ${incarnation}`
      : `${by}, epoch ${envelope.epoch}`;
    if (now === tenure) return [];
    const isTurn = tenure === "" || (name.includes("zone") ? type === "ZoneStarted" : true);
    gone.add(tenure);
    tenure = now;
    if (isTurn && !gone.has(now)) return [];
    return [{ law: "one writer", message: `${name}: ${by} writes ${type} after it was replaced` }];
  });
}

function epochs({ events, name }: Log): readonly Violation[] {
  let highest = 0;
  return events.flatMap(({ published: { envelope }, type }): readonly Violation[] => {
    const isOlder = envelope.epoch < highest;
    highest = Math.max(highest, envelope.epoch);
    return isOlder
      ? [{ law: "epochs", message: `${name}: ${type} of epoch ${envelope.epoch} after one of ${highest}` }]
      : [];
  });
}

/** An event's body says what it is. */
const bodies = ({ events, name }: Log): readonly Violation[] =>
  events
    .filter(({ body, type }) => body.type !== type)
    .map(({ body, type }) => ({ law: "log", message: `${name}: ${type} has the body of ${body.type}` }));

/** A zone decides nothing on a command of an older epoch once it has decided on one of a newer. */
function commandEpochs({ evidence, zones }: View): readonly Violation[] {
  const commands = new Map(
    evidence.published.flatMap(({ envelope, subject }) =>
      subject.includes(".cmd.") ? [[envelope.id, envelope.epoch] as const] : [],
    ),
  );
  return zones.flatMap(({ events, zone }) => {
    let highest = 0;
    return events.flatMap(({ published: { envelope }, type }): readonly Violation[] => {
      const epoch = commands.get(envelope.causation);
      if (epoch === undefined) return [];
      const isOlder = epoch < highest;
      highest = Math.max(highest, epoch);
      const message = `zone ${zone} carries out a command of epoch ${epoch} after one of ${highest}: ${type}`;
      return isOlder ? [{ law: "epochs", message }] : [];
    });
  });
}
