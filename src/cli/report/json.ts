/**
 * Reporters for programs: `json`, the summary document as one object, and `ndjson`, the run as it happens, a line for
 * each event and each interval. The version stands beside the document, which is recorded as it is.
 */
import type { RunEvent } from "../../../streams/events/run.ts";
import { printableJson } from "../../domain/printable.ts";
import type { SummaryDocument } from "../../domain/summary/document.ts";
import { IntervalReader } from "../../domain/summary/interval-figures.ts";
import type { View } from "../../roles/door/follow-run.ts";
import type { Desk, Reporter } from "./reporter.ts";

/** Of the summary as programs read it: raised when a field goes or changes its meaning, not when one comes. */
const SCHEMA_VERSION = 1;

export const jsonReporter = ({ isStdout, write }: Desk): Reporter => ({
  end: ({ document }) => write(`${printableJson(versioned(document), 2)}\n`),
  broken: (message) => {
    // On stdout the command itself tells its errors.
    if (isStdout) return;
    write(`${printableJson({ schemaVersion: SCHEMA_VERSION, error: { message } }, 2)}\n`);
  },
});

const versioned = (document: SummaryDocument) => ({ schemaVersion: SCHEMA_VERSION, ...document });

export function ndjsonReporter({ write }: Desk): Reporter {
  const line = (type: string, content: object) => write(`${printableJson({ type, ...content })}\n`);
  const reader = new IntervalReader();
  return {
    follower: {
      onEvent: (event, { envelope, sequence }) =>
        line("event", { sequence, timeUs: envelope.time, event: event.type, body: bodyOf(event) }),
      onInterval: (view, { data }) => line("window", windowOf(reader, data, view)),
    },
    end: ({ document }) => line("summary", versioned(document)),
    broken: (message) => line("error", { message }),
  };
}

/** What an event says beside its type. The summary has a line of its own. */
function bodyOf(event: RunEvent): object {
  const { type: _, ...body } = event;
  return Object.fromEntries(Object.entries(body).filter(([name]) => name !== "summary"));
}

/** One interval of root's log by itself: a window, or what came late for one. */
function windowOf(reader: IntervalReader, bytes: Uint8Array, { state }: View): object {
  const { head, percentileMs, ...figures } = reader.read(bytes);
  const { expected, present, window } = head;
  const windowMs = state.plan?.windowMs ?? 1000;
  return {
    window,
    endMs: (window + 1) * windowMs,
    iterations: figures.iterations,
    dropped: figures.dropped,
    requests: figures.requests,
    rps: (figures.requests / windowMs) * 1000,
    failed: figures.failed ?? null,
    p50: percentileMs(50) ?? null,
    p95: percentileMs(95) ?? null,
    p99: percentileMs(99) ?? null,
    workers: present,
    workersExpected: expected,
  };
}
