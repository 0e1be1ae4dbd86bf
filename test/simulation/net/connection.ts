/**
 * The connection of one process to one server: messages in order, each way, late by what the weather says. It can be
 * reset (what is under way is lost, and it comes back by itself) and stalled in one direction or both (what is under
 * way waits). Whatever a process subscribed to is subscribed to again after a reset, as the NATS client does.
 */
import type { Process } from "../kernel/process.ts";
import type { Host } from "./host.ts";
import type { Weather } from "./weather.ts";

/** Something that the server sends while the connection lasts: opened anew after each reset. */
export interface Subscription {
  /** Starts it at the server, and returns how to stop it there. */
  readonly open: () => () => void;
}

const RECONNECT_US = 250_000;

type Direction = "up" | "down";

export class Connection {
  readonly client: Process;
  readonly host: Host;
  readonly weather: Weather;
  #generation = 0;
  #isUp = false;
  #isCut = false;
  readonly #stalled = { up: false, down: false };
  readonly #held: Record<Direction, (() => void)[]> = { up: [], down: [] };
  readonly #lastUs = { up: 0, down: 0 };
  /** With how to stop each at the server, where it is open. */
  readonly #subscriptions = new Map<Subscription, (() => void) | undefined>();
  readonly #onReset = new Set<() => void>();

  constructor(client: Process, host: Host, weather: Weather) {
    this.client = client;
    this.host = host;
    this.weather = weather;
    host.connections.add(this);
    client.onDeath(() => this.#die());
    this.#isUp = host.isUp;
    if (!this.#isUp) this.#reconnect();
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Carries something out at the server, when it arrives there. */
  up(act: () => void): void {
    if (this.#isUp) this.#send("up", act, this.weather.delayUs() + this.weather.slowUs);
  }

  /** Carries something out at the client, when it arrives there. */
  down(act: () => void): void {
    this.#send("down", act, this.weather.delayUs());
  }

  /** As `down`, but it may be overtaken. */
  downLate(act: () => void, lateUs: number): void {
    const generation = this.#generation;
    this.client.kernel.after(lateUs, () => {
      if (generation === this.#generation) this.down(act);
    });
  }

  #send(direction: Direction, act: () => void, delayUs: number): void {
    const { kernel } = this.client;
    const generation = this.#generation;
    const atUs = Math.max(kernel.nowUs + delayUs, this.#lastUs[direction]);
    this.#lastUs[direction] = atUs;
    const arrive = () => {
      if (generation !== this.#generation) return;
      if (this.#stalled[direction]) this.#held[direction].push(arrive);
      else if (direction === "down") this.client.post(act);
      else if (this.host.isUp) act();
    };
    kernel.at(atUs, arrive);
  }

  subscribe(subscription: Subscription): void {
    this.#subscriptions.set(subscription, undefined);
    if (this.#isUp) this.#open(subscription);
  }

  #open(subscription: Subscription): void {
    this.up(() => {
      if (this.#subscriptions.has(subscription)) this.#subscriptions.set(subscription, subscription.open());
    });
  }

  unsubscribe(subscription: Subscription): void {
    const close = this.#subscriptions.get(subscription);
    this.#subscriptions.delete(subscription);
    close?.();
  }

  /** Hears of the next reset, until it says that it does not need to. */
  onReset(heard: () => void): () => void {
    this.#onReset.add(heard);
    return () => void this.#onReset.delete(heard);
  }

  /** Breaks the connection; the client tries to come back until it can. */
  reset(): void {
    const wasUp = this.#isUp;
    this.#isUp = false;
    this.#forgetUnderWay();
    for (const [subscription, close] of this.#subscriptions) {
      close?.();
      this.#subscriptions.set(subscription, undefined);
    }
    if (!this.client.isAlive) return;
    const heard = [...this.#onReset];
    this.#onReset.clear();
    for (const each of heard) this.client.post(each);
    if (wasUp) this.#reconnect();
  }

  #forgetUnderWay(): void {
    this.#generation += 1;
    for (const direction of ["up", "down"] as const) {
      this.#held[direction] = [];
      this.#lastUs[direction] = 0;
    }
  }

  #reconnect(): void {
    this.client.after(RECONNECT_US, () => {
      if (this.#isUp) return;
      if (this.#isCut || !this.host.isUp) return this.#reconnect();
      this.#isUp = true;
      for (const subscription of this.#subscriptions.keys()) this.#open(subscription);
    });
  }

  /** No way to the server, and none back, until it is mended. */
  cut(): void {
    this.#isCut = true;
    this.reset();
  }

  /** What goes in these directions waits, until it is mended. */
  stall(directions: readonly Direction[]): void {
    for (const direction of directions) this.#stalled[direction] = true;
  }

  /** The way is free again. What waited arrives now; `isLost`: the client had given the connection up. */
  mend(isLost: boolean): void {
    this.#isCut = false;
    this.#stalled.up = false;
    this.#stalled.down = false;
    if (isLost) return this.reset();
    for (const direction of ["up", "down"] as const) {
      const held = this.#held[direction];
      this.#held[direction] = [];
      for (const arrive of held) arrive();
    }
  }

  #die(): void {
    this.reset();
    this.#subscriptions.clear();
    this.host.connections.delete(this);
  }
}
