/**
 * Bounds what a zone may add to the mesh log by what it says of itself and of the zones below it: as much at once as an
 * honest one has to say when it comes, then a little at a time. What finds no room is said again with the next heartbeat.
 */
const MINUTE_US = 60_000_000;
/** Events at once, and then in a minute: itself and the most zones that one may have below it, once. */
const AT_ONCE = 1001;
const PER_MINUTE = 60;

interface Room {
  readonly left: number;
  /** When that was counted, µs. */
  readonly at: number;
}

export class NewsBudget {
  readonly #rooms = new Map<string, Room>();
  /** When a zone was told as another program than before, µs. */
  readonly #changed = new Map<string, number>();

  /** Whether a zone may add anything now. */
  hasRoom(teller: string, now: number): boolean {
    return this.#leftOf(teller, now) >= 1;
  }

  /** Takes room for one event that a zone brings; `changed` names the zone that says it is another program than before. */
  take(teller: string, changed: string | undefined, now: number): boolean {
    const isSoon = changed !== undefined && now - (this.#changed.get(changed) ?? -MINUTE_US) < MINUTE_US;
    if (isSoon || !this.hasRoom(teller, now)) return false;
    this.#rooms.set(teller, { left: this.#leftOf(teller, now) - 1, at: now });
    if (changed !== undefined) this.#changed.set(changed, now);
    return true;
  }

  #leftOf(teller: string, now: number): number {
    const { at, left } = this.#rooms.get(teller) ?? { at: now, left: AT_ONCE };
    return Math.min(AT_ONCE, left + (Math.max(0, now - at) * PER_MINUTE) / MINUTE_US);
  }
}
