import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { renderPanel } from "../../../../src/cli/live/panel.ts";
import { pictureOf } from "../../../../src/cli/live/picture.ts";
import { Tape } from "../../../../src/cli/live/tape.ts";
import { addFrame, type FrameOptions, framesOf, life, livePlan, upToStart, viewOf } from "./fixture.ts";

const thresholds = {
  http_req_duration: ["p(95)<60", "p(95)<1"],
  "http_req_duration{name:a very long name that no terminal has room for}": ["p(99)<100"],
};

function pictureAfter(
  options: FrameOptions,
  quietMs = 0,
  marked: Parameters<typeof livePlan>[0] = thresholds,
) {
  const plan = livePlan(marked, options.windowMs);
  const view = viewOf(upToStart(plan));
  const tape = new Tape(plan);
  for (const frame of framesOf(options)) {
    const head = addFrame(view, frame);
    if (view.metrics !== undefined) tape.add(view.metrics, head);
  }
  return pictureOf("run", view, tape, quietMs);
}

const wide = { columns: 100, rows: 40, colour: false, utf8: true };
const textOf = (picture: ReturnType<typeof pictureAfter>) => renderPanel(picture, wide).join("\n");

describe("the panel", () => {
  it("fits every terminal, with colour and without", () => {
    const picture = pictureAfter({ windows: 12, windowMs: 1000, failing: 0.1, dropping: 0.2 });
    for (let columns = 1; columns <= 200; columns += 1) {
      for (const rows of [1, 2, 5, 10, 24, 60]) {
        for (const colour of [true, false]) {
          const lines = renderPanel(picture, { columns, rows, colour, utf8: true });
          expect(lines.length).toBeLessThanOrEqual(Math.max(1, rows - 1));
          const widest = Math.max(...lines.map((line) => stripVTControlCharacters(line).length));
          expect(widest).toBeLessThanOrEqual(Math.max(2, columns - 1));
        }
      }
    }
  });

  it("shows what fails before anything else where there is little room", () => {
    const picture = pictureAfter({ windows: 12, windowMs: 1000 });
    const lines = renderPanel(picture, { columns: 40, rows: 8, colour: false, utf8: true });
    expect(lines.some((line) => /✗ .*p\(95\)<1 /.test(line))).toBe(true);
    expect(lines.some((line) => line.includes("✓"))).toBe(false);
  });

  it("shows of a threshold with a timeframe what it saw last, and a breach that stays", () => {
    const marked = {
      http_req_failed: ["rate<2 within 2s", "rate<0.000001 within 2s", "rate<0.000001 over 30s"],
    };
    const text = textOf(pictureAfter({ windows: 12, windowMs: 200, failing: 0.1 }, 0, marked));
    expect(text.match(/.*latest.*|. http_req_failed.*/g)).toMatchInlineSnapshot(`
      [
        " thresholds                                    latest  of limit",
        "✓ http_req_failed  rate<2 within 2s            9.00%        5%",
        "✗ http_req_failed  rate<0.000001 within 2s     9.00%   90,000x",
        "· http_req_failed  rate<0.000001 over 30s    no data",
      ]
    `);
  });

  it("has rates of each window, however short the windows are", () => {
    const text = textOf(pictureAfter({ windows: 60, windowMs: 200 }));
    expect(text).toMatch(/target +200\.0\/s +200\.0\/s/);
    expect(text).toMatch(/achieved +200\.0\/s +200\.0\/s +█{12}$/m);
    expect(text).not.toMatch(/short by|dropped/);
  });

  it("shows arrivals that were missed", () => {
    const text = textOf(pictureAfter({ windows: 20, windowMs: 1000, dropping: 0.25 }));
    expect(text).toMatch(/achieved +150\.0\/s +175\.0\/s/);
    expect(text).toMatch(/dropped +50\.0\/s +500 /);
    expect(text).not.toContain("short by");
    const late = textOf(pictureAfter({ windows: 20, windowMs: 1000, missing: 0.1 }));
    expect(late).toMatch(/achieved +180\.0\/s +180\.0\/s/);
    expect(late).toMatch(/short by +20\.0\/s +400$/m);
  });

  it("says when nothing is heard, and that only under load", () => {
    expect(textOf(pictureAfter({ windows: 3, windowMs: 1000 }, 7200))).toContain(
      "no numbers from the mesh for 7s",
    );
    expect(textOf(pictureAfter({ windows: 3, windowMs: 1000 }, 900))).not.toContain("no numbers");
    const planned = viewOf([life.planned(livePlan({}, 1000)), life.assigned]);
    const text = textOf(pictureOf("run", planned, undefined, 60_000));
    expect(text).toContain("waiting for agents: 0 of 4 are ready; missing: fra, iad, syd");
    expect(text).not.toContain("no numbers");
    expect(textOf(pictureOf("run", planned, undefined, 2999))).toContain("agents get ready: 0 of 4");
  });

  it("shows zones that are done", () => {
    const plan = livePlan({}, 1000);
    const view = viewOf([...upToStart(plan), { type: "RunDraining" }, life.zoneFinished("iad")]);
    expect(textOf(pictureOf("run", view, undefined, 0))).toMatch(/agents +fra 2 {2}iad 1 done {2}syd 1$/m);
  });
});
