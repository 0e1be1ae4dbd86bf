/**
 * The live panel, byte for byte, at four widths, with colour and without. A committed file is never rewritten here;
 * `UPDATE_GOLDEN=1` writes missing files only. To change how the panel looks, remove the files and look at the new ones.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Look, renderPanel } from "../../src/cli/live/panel.ts";
import { pictureOf } from "../../src/cli/live/picture.ts";
import { Tape } from "../../src/cli/live/tape.ts";
import { addFrame, framesOf, life, livePlan, upToStart, viewOf } from "../unit/cli/live/fixture.ts";

const folder = join(import.meta.dirname, "panel");

const plan = livePlan(
  {
    http_req_duration: ["p(95)<60", "p(99)<100"],
    "http_req_failed{name:orders}": ["rate<0.01"],
    http_req_failed: ["rate<0.05"],
    checks: ["rate>0.99"],
  },
  1000,
);

/** After 14 of 30 seconds: one agent lost, some requests fail, and arrivals are dropped. */
function troubled() {
  const view = viewOf([...upToStart(plan), life.agentLost]);
  const tape = new Tape(plan);
  for (const frame of framesOf({ windows: 14, windowMs: 1000, failing: 0.02, dropping: 0.05 })) {
    const head = addFrame(view, frame);
    if (view.metrics !== undefined) tape.add(view.metrics, head);
  }
  return pictureOf("mx1tslal-d8853b", view, tape, 0);
}

const waiting = () =>
  pictureOf("mx1tslal-d8853b", viewOf([life.planned(plan), life.assigned, life.zoneReady("iad")]), undefined, 3000);

const SIZES = [
  [100, 30],
  [80, 24],
  [40, 18],
  [20, 10],
] as const;

const LOOKS: readonly (Look & { readonly name: string })[] = SIZES.flatMap(([columns, rows]) => [
  { name: `${columns}`, columns, rows, colour: false, utf8: true },
  { name: `${columns}-colour`, columns, rows, colour: true, utf8: true },
  { name: `${columns}-ascii`, columns, rows, colour: false, utf8: false },
]);

function expectGolden(file: string, text: string): void {
  const path = join(folder, file);
  if (process.env["UPDATE_GOLDEN"] === "1" && !existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, text, { flag: "wx" });
  }
  expect(text).toBe(readFileSync(path, "utf8"));
}

describe("the panel", () => {
  for (const { name, ...look } of LOOKS) {
    it(`of a run in trouble looks as it did, ${name}`, () => {
      expectGolden(`troubled-${name}.txt`, `${renderPanel(troubled(), look).join("\n")}\n`);
    });
  }

  it("says how many agents are there while others are waited for", () => {
    const look = { columns: 80, rows: 24, colour: false, utf8: true };
    expectGolden("waiting-80.txt", `${renderPanel(waiting(), look).join("\n")}\n`);
  });
});
