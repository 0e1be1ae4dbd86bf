/** A machine as `mesh bench --agent` might have measured it. */
import type { Capacity } from "../../../src/domain/forecast/capacity.ts";

export const measured: Capacity = {
  measuredAt: "2026-11-29T12:00:00.000Z",
  machine: { cpu: "Some CPU", cores: 2, memoryBytes: 1_000_000_000, node: "24.1.0", platform: "linux x64" },
  perCore: { closedPerSecond: 14_000, openPerSecond: 5000 },
  memory: { workerBytes: 100_000_000, vuBytes: 60_000 },
};
