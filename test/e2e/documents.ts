/** What `mesh run --json` prints, and what is true of every such document. */
import { expect } from "vitest";
import type { SummaryDocument } from "../../src/domain/summary/document.ts";
import type { MeshExit, MeshHome } from "../support/run-mesh.ts";
import { withoutProcesses } from "../support/run-mesh.ts";

type LedgerLine = SummaryDocument["ledger"]["total"];

/** A home must be empty of processes this soon after its command. */
const LEFT_WITHIN_MS = 2_000;

/** Parses the whole of stdout, which must be the one document and nothing else: as it is recorded, without its version. */
export function documentOf({ stdout, stderr }: MeshExit): SummaryDocument {
  expect(stdout, stderr).toMatch(/^\{\n/);
  const printed = JSON.parse(stdout) as SummaryDocument & {
    readonly error?: unknown;
    readonly schemaVersion?: number;
  };
  const { error, schemaVersion, ...document } = printed;
  expect(error, stderr).toBeUndefined();
  expect(schemaVersion).toBe(1);
  return document;
}

export const balance = ({ completed, interrupted, dropped, lost }: LedgerLine): number =>
  completed + interrupted + dropped + lost;

/** planned = completed + interrupted + dropped + lost in every line, and the lines add up to the total. */
export function expectBalanced({ ledger }: SummaryDocument): void {
  const lines = { scenarios: Object.values(ledger.scenarios), agents: Object.values(ledger.agents) };
  for (const line of [ledger.total, ...lines.scenarios, ...lines.agents]) {
    expect(balance(line)).toBe(line.planned);
  }
  for (const group of [lines.scenarios, lines.agents]) {
    const sum = (key: keyof LedgerLine) => group.reduce((all, line) => all + line[key], 0);
    const total = {
      planned: sum("planned"),
      completed: sum("completed"),
      interrupted: sum("interrupted"),
      dropped: sum("dropped"),
      lost: sum("lost"),
    };
    expect(total).toEqual(ledger.total);
  }
}

export const countOf = ({ metrics }: SummaryDocument, metric: string): number | undefined =>
  metrics[metric]?.values["count"];

export async function expectNothingLeft({ folder }: MeshHome, withinMs = LEFT_WITHIN_MS): Promise<void> {
  expect(await withoutProcesses(folder, withinMs)).toEqual([]);
}
