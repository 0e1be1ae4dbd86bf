/**
 * The windows of a simulated worker over the real recorder, as `src/engine/window-recorder.ts` has them over real time:
 * whoever asks for the time closes the windows that have ended.
 */
import type { HealthSample } from "../../../src/domain/interval/health.ts";
import type { MetricDefinition } from "../../../src/domain/metric/definition.ts";
import { Recorder } from "../../../src/engine/recorder.ts";
import type { Sink } from "../../../src/script/sink.ts";
import type { Due } from "../kernel/event-queue.ts";
import type { Process } from "../kernel/process.ts";

export interface SimWindowsOptions {
  readonly process: Process;
  readonly source: string;
  readonly agent: string;
  readonly zone: string;
  readonly windowMs: number;
  /** An arrival later than this counts as late. */
  readonly lateUs: number;
  readonly send: (frame: Uint8Array) => void;
}

export class SimWindows implements Sink {
  readonly #options: SimWindowsOptions;
  readonly #recorder: Recorder;
  readonly #windowUs: number;
  #originUs: number;
  #endUs = Infinity;
  #window = 0;
  #lagUsMax = 0;
  #arrivals = 0;
  #late = 0;
  #timer: Due | undefined;

  constructor(options: SimWindowsOptions) {
    this.#options = options;
    this.#windowUs = options.windowMs * 1000;
    this.#originUs = options.process.monotonicUs;
    this.#recorder = new Recorder(
      options.source,
      { zone: options.zone },
      { elapsedUs: () => this.elapsedUs() },
    );
  }

  get frames(): number {
    return this.#recorder.intervals;
  }

  elapsedUs(): number {
    return this.#options.process.monotonicUs - this.#originUs;
  }

  nowUs(): number {
    const nowUs = this.elapsedUs();
    while (nowUs >= this.#endUs) {
      this.#close(false);
      this.#window += 1;
      this.#endUs += this.#windowUs;
    }
    return nowUs;
  }

  series(metric: MetricDefinition, tags: Readonly<Record<string, string>>): number {
    return this.#recorder.series(metric, tags);
  }

  add(handle: number, value: number): void {
    this.#recorder.add(handle, value);
  }

  /** An open-model iteration started so much later than it was meant to. */
  lag(lagUs: number): void {
    this.#lagUsMax = Math.max(this.#lagUsMax, Math.round(lagUs));
    this.#arrivals += 1;
    if (lagUs > this.#options.lateUs) this.#late += 1;
  }

  start(startAtNs: bigint): void {
    this.#originUs = Number(startAtNs / 1000n);
    this.#endUs = this.#windowUs;
    this.#arm();
  }

  #arm(): void {
    this.#timer = this.#options.process.after(this.#endUs - this.elapsedUs() + 200, () => {
      this.nowUs();
      if (this.#endUs !== Infinity) this.#arm();
    });
  }

  /** The load is over: closes the current window as the last of regular load. */
  finish(): void {
    this.nowUs();
    if (this.#timer !== undefined) this.#timer.act = undefined;
    this.#endUs = Infinity;
    this.#close(true);
  }

  /** One more frame with what came after the load. */
  flush(): void {
    this.#window = Math.max(this.#window, Math.floor(this.nowUs() / this.#windowUs));
    this.#close(false);
  }

  /** An instant of the run's clock on the machine's monotonic clock, ns. */
  instantOf(us: number): bigint {
    return BigInt(Math.round(this.#originUs + us)) * 1000n;
  }

  #close(final: boolean): void {
    this.#options.send(this.#recorder.close(this.#window, { final, health: [this.#health()] }));
    this.#lagUsMax = 0;
    this.#arrivals = 0;
    this.#late = 0;
  }

  #health(): HealthSample {
    return {
      agent: this.#options.agent,
      lagUsMax: this.#lagUsMax,
      lagUsP99: this.#lagUsMax,
      loopDelayUsMax: 0,
      gcUs: 0,
      cpuPermille: 100,
      rssKb: 50_000,
      clockOffsetUs: 0,
      drops: 0,
      ...(this.#arrivals === 0 ? {} : { arrivals: this.#arrivals, late: this.#late }),
    };
  }
}
