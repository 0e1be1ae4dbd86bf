/** The system under test: it answers after its service time and notes everything in its own book. */
import type { Seen } from "../auditor/evidence.ts";
import type { Kernel } from "../kernel/kernel.ts";

export type Asking = Omit<Seen, "atUs" | "isAnswered">;

export class Target {
  readonly seen: Seen[] = [];
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** A request arrives; who sent it says when it has taken the answer. */
  request(asking: Asking): { answered(): void } {
    const seen: Seen = { ...asking, atUs: this.#kernel.nowUs, isAnswered: false };
    this.seen.push(seen);
    return {
      answered: () => {
        seen.isAnswered = true;
      },
    };
  }
}
