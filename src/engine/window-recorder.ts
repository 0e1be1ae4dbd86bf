/**
 * The run clock and the windows over it: whoever asks for the time closes the windows that have ended, so that a
 * sample is always added to the window in which it completes, however late the timer. Relies on the recorder for
 * the values and on `send` to carry frames away.
 */
import type { MetricDefinition } from "../domain/metric/definition.ts";
import type { Sink } from "../script/sink.ts";
import type { HealthMeter } from "./health-meter.ts";
import type { Recorder } from "./recorder.ts";

export interface WindowSettings {
  readonly windowMs: number;
  readonly recorder: Recorder;
  readonly health: HealthMeter;
  readonly send: (frame: Uint8Array) => void;
  /** Called before a window closes, for what is sampled and not counted (`vus`). */
  readonly sampleGauges: () => void;
  /** A script gave a tag that is the mesh's own. */
  readonly refusedTag: (name: string) => void;
}

export class WindowRecorder implements Sink {
  readonly #settings: WindowSettings;
  readonly #windowUs: number;
  /** Until the start instant is known, time counts from the worker's birth and everything is in window 0. */
  #originMs = performance.now();
  #endUs = Infinity;
  #window = 0;
  #frames = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(settings: WindowSettings) {
    this.#settings = settings;
    this.#windowUs = settings.windowMs * 1000;
  }

  /** Frames sent so far. */
  get frames(): number {
    return this.#frames;
  }

  /** µs since the start instant; asking closes no window. */
  elapsedUs(): number {
    return Math.floor((performance.now() - this.#originMs) * 1000);
  }

  nowUs(): number {
    const nowUs = this.elapsedUs();
    if (nowUs >= this.#endUs) this.#roll(nowUs);
    return nowUs;
  }

  series(metric: MetricDefinition, tags: Readonly<Record<string, string>>): number {
    return this.#settings.recorder.series(metric, tags);
  }

  add(handle: number, value: number): void {
    this.#settings.recorder.add(handle, value);
  }

  refusedTag(name: string): void {
    this.#settings.refusedTag(name);
  }

  /** Sets the start instant. */
  start(startAtNs: bigint): void {
    const untilMs = Number(startAtNs - process.hrtime.bigint()) / 1e6;
    this.#originMs = performance.now() + untilMs;
    this.#endUs = this.#windowUs;
    this.#arm();
  }

  /** The load is over: closes the current window as the last of regular load. */
  finish(): void {
    this.nowUs();
    clearTimeout(this.#timer);
    this.#endUs = Infinity;
    this.#close(true);
  }

  /** One more frame with what came after the load (teardown). */
  flush(): void {
    const nowUs = this.nowUs();
    this.#window = Math.max(this.#window, Math.floor(nowUs / this.#windowUs));
    this.#close(false);
  }

  /** The instant of `us` on the run clock, on the machine's monotonic clock. */
  instantOf(us: number): bigint {
    const agoMs = performance.now() - this.#originMs - us / 1000;
    return process.hrtime.bigint() - BigInt(Math.round(agoMs * 1e6));
  }

  #roll(nowUs: number): void {
    while (nowUs >= this.#endUs) {
      this.#close(false);
      this.#window++;
      this.#endUs += this.#windowUs;
    }
    this.#arm();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const nowUs = this.elapsedUs();
    this.#timer = setTimeout(
      () => {
        this.nowUs();
        if (this.#endUs !== Infinity) this.#arm();
      },
      Math.max(1, Math.ceil((this.#endUs - nowUs) / 1000)),
    );
  }

  #close(final: boolean): void {
    const { recorder, health, send, sampleGauges } = this.#settings;
    sampleGauges();
    send(recorder.close(this.#window, { final, health: [health.take()] }));
    this.#frames++;
  }
}
