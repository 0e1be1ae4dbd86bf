/** Settings of a worker for unit tests of what scripts import: every option as it is when nothing is said, told to nobody. */
import { DataFiles } from "../../src/script/data-files.ts";
import type { WorkerSettings } from "../../src/script/vu-state.ts";

const nothing = () => undefined;

export const workerSettings = (over: Partial<WorkerSettings> = {}): WorkerSettings => ({
  sink: { nowUs: () => 0, series: () => 0, add: nothing },
  seed: 1,
  files: new DataFiles(() => new Uint8Array()),
  scenarios: [],
  requestTimeoutMs: 0,
  discardResponseBodies: false,
  userAgent: "",
  reuseConnections: true,
  verifyTls: true,
  http: {},
  forgotten: { warned: true, seen: false },
  traffic: { interruptedRequests: 0, lastRequestUs: undefined },
  abort: nothing,
  warn: nothing,
  mistake: nothing,
  ...over,
});
