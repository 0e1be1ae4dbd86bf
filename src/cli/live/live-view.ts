/**
 * What a person sees of a run that goes on: a panel where it can be redrawn, plain lines elsewhere. Follows the run's log like
 * any door, decides nothing, and is the one way to stderr while it is open.
 */
import { printableLines } from "../../domain/printable.ts";
import { isOver } from "../../domain/run/state.ts";
import type { Follower, View } from "../../roles/door/follow-run.ts";
import { eventLine } from "./event-line.ts";
import { renderPanel } from "./panel.ts";
import { pictureOf } from "./picture.ts";
import { plainLines } from "./plain-lines.ts";
import { Screen } from "./screen.ts";
import { Tape } from "./tape.ts";
import { canRedraw, type Stream, Terminal } from "./terminal.ts";

export interface LiveView extends Follower {
  /** Tells a person a line, above the panel while there is one. */
  readonly note: (line: string) => void;
  /** Before anything else is printed. A run that is over has its summary; of any other the last panel stays. */
  readonly close: () => void;
}

/** Four drawings a second at most: what happens is seen at once. */
const DRAW_EVERY_MS = 250;
/** New figures twice a second at most: nobody reads faster, and each costs a millisecond. */
const FIGURES_EVERY_MS = 500;
/** When nothing is new, that is told, too. */
const LOOK_EVERY_MS = 1000;

/** The view of one run on `stderr`. Nothing is drawn before the run's first event. */
export function openLiveView(run: string, stderr: Stream): LiveView {
  const write = (line: string): void => void stderr.write(`${printableLines(line)}\n`);
  if (!canRedraw(stderr, process.env)) return { ...plainLines(run, write), note: write, close: () => {} };
  return new PanelView(run, new Terminal(stderr, process.env), write);
}

export class PanelView implements LiveView {
  readonly #run: string;
  readonly #terminal: Terminal;
  readonly #screen: Screen;
  readonly #write: (line: string) => void;
  #view: View | undefined;
  #tape: Tape | undefined;
  #panel: readonly string[] = [];
  #heardAt = 0;
  #madeAt = 0;
  /** The panel shows something that is not so any more, or has the wrong size. */
  #isStale = false;
  #hasFigures = false;
  #hasNotes = false;
  #end: (() => void) | undefined;

  /** `write` tells a line while there is no panel. */
  constructor(run: string, terminal: Terminal, write: (line: string) => void) {
    this.#run = run;
    this.#terminal = terminal;
    this.#screen = new Screen(terminal);
    this.#write = write;
  }

  readonly onEvent: NonNullable<Follower["onEvent"]> = (event, _, view) => {
    this.#hear(view);
    this.#isStale = true;
    const line = eventLine(this.#run, event, view, true);
    if (line !== undefined) this.note(line);
  };

  readonly onInterval: NonNullable<Follower["onInterval"]> = (view, _, head) => {
    const { metrics, state } = view;
    if (metrics === undefined || state.plan === undefined) return;
    this.#tape ??= new Tape(state.plan);
    this.#tape.add(metrics, head);
    this.#hear(view);
  };

  readonly note = (line: string): void => {
    if (this.#end === undefined) return this.#write(line);
    this.#screen.note(line);
    this.#hasNotes = true;
  };

  readonly close = (): void => {
    this.#end?.();
    this.#end = undefined;
    this.#view = undefined;
  };

  #hear(view: View): void {
    this.#view = view;
    this.#heardAt = performance.now();
    this.#hasFigures = true;
    this.#end ??= this.#open();
  }

  /** Whatever ends the process, the cursor comes back. */
  #open(): () => void {
    const timer = setInterval(this.#draw, DRAW_EVERY_MS).unref();
    const leave = () => this.#screen.close(this.#view !== undefined && !isOver(this.#view.state));
    const stopResizing = this.#terminal.onResize(() => {
      this.#isStale = true;
      this.#draw();
    });
    process.once("exit", leave);
    process.on("SIGTSTP", this.#suspend);
    return () => {
      clearInterval(timer);
      stopResizing();
      process.off("exit", leave);
      process.off("SIGTSTP", this.#suspend);
      leave();
    };
  }

  /** Ctrl-Z: a shell gets its cursor, and the panel begins anew below what was typed there. */
  readonly #suspend = (): void => {
    this.#screen.close(true);
    process.kill(process.pid, "SIGSTOP");
    this.#isStale = true;
  };

  readonly #draw = (): void => {
    const now = performance.now();
    const sinceMs = now - this.#madeAt;
    const isDue = this.#isStale || sinceMs >= (this.#hasFigures ? FIGURES_EVERY_MS : LOOK_EVERY_MS);
    if (this.#view === undefined || !(isDue || this.#hasNotes)) return;
    if (isDue) this.#panel = this.#make(this.#view, now);
    this.#hasNotes = false;
    this.#screen.draw(this.#panel);
  };

  #make(view: View, now: number): readonly string[] {
    this.#madeAt = now;
    this.#isStale = false;
    this.#hasFigures = false;
    return renderPanel(pictureOf(this.#run, view, this.#tape, now - this.#heardAt), this.#terminal.look);
  }
}
