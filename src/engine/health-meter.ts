/**
 * The generator's own health, per window: how late iterations started, how long the event loop was blocked, garbage
 * collection, CPU, memory. A saturated generator's numbers are worthless, so this travels with every frame.
 */
import { createHistogram, PerformanceObserver } from "node:perf_hooks";
import type { HealthSample } from "../domain/interval/health.ts";

/** How often the event loop is probed. */
const PROBE_MS = 20;

export class HealthMeter {
  readonly #agent: string;
  readonly #clockOffsetUs: number;
  readonly #lagBudgetUs: number;
  readonly #lags = createHistogram();
  /** Longest wait of a probe for its turn, beyond its time. */
  #stallMs = 0;
  #probedMs = performance.now();
  #gcMs = 0;
  #drops = 0;
  #late = 0;
  #cpu = process.cpuUsage();
  #sinceMs = performance.now();

  /**
   * `clockOffsetUs`: server clock minus this machine's, as the agent measured it; carried, never applied. An arrival later
   * than `lagBudgetUs` counts as late.
   */
  constructor(agent: string, clockOffsetUs: number, lagBudgetUs: number) {
    this.#agent = agent;
    this.#clockOffsetUs = clockOffsetUs;
    this.#lagBudgetUs = lagBudgetUs;
    setInterval(() => this.#probe(performance.now()), PROBE_MS).unref();
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) this.#gcMs += entry.duration;
    }).observe({ entryTypes: ["gc"] });
  }

  /** How late an iteration of an open model was started, or dropped. */
  lag(lagUs: number): void {
    this.#lags.record(Math.max(1, Math.round(lagUs)));
    if (lagUs > this.#lagBudgetUs) this.#late++;
  }

  dropped(count: number): void {
    this.#drops += count;
  }

  /**
   * A probe of our own: Node's monitor forgets a stall when it is reset before its next probe, and a window that ended while a
   * script blocked the loop is closed by that script's next call, before any probe.
   */
  #probe(nowMs: number): void {
    this.#stallMs = Math.max(this.#stallMs, nowMs - this.#probedMs - PROBE_MS);
    this.#probedMs = nowMs;
  }

  /** What was measured since the last call. A stall counts in the first window that is closed after it. */
  take(): HealthSample {
    const nowMs = performance.now();
    this.#probe(nowMs);
    const cpu = process.cpuUsage(this.#cpu);
    const wallUs = Math.max(1, (nowMs - this.#sinceMs) * 1000);
    const idle = this.#lags.count === 0;
    const sample: HealthSample = {
      agent: this.#agent,
      lagUsMax: idle ? 0 : this.#lags.max,
      lagUsP99: idle ? 0 : this.#lags.percentile(99),
      loopDelayUsMax: Math.round(this.#stallMs * 1000),
      gcUs: Math.round(this.#gcMs * 1000),
      cpuPermille: Math.round((1000 * (cpu.user + cpu.system)) / wallUs),
      rssKb: Math.round(process.memoryUsage.rss() / 1024),
      clockOffsetUs: this.#clockOffsetUs,
      drops: this.#drops,
      ...(idle ? {} : { arrivals: this.#lags.count, late: this.#late }),
    };
    this.#reset(nowMs);
    return sample;
  }

  #reset(nowMs: number): void {
    this.#lags.reset();
    this.#stallMs = 0;
    this.#gcMs = 0;
    this.#drops = 0;
    this.#late = 0;
    this.#cpu = process.cpuUsage();
    this.#sinceMs = nowMs;
  }
}
