/**
 * `http` as one VU's script has it, in this process, with what it measures: for tests of requests that need no run. The
 * servers are real ones on loopback.
 */
import type { Server as NetServer } from "node:net";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { HttpOptions } from "../../../streams/schema/http-options.ts";
import type { TargetGuard } from "../../../src/domain/guard/target-guard.ts";
import { AddressRules } from "../../../src/script/connect/address-rules.ts";
import { TlsRules } from "../../../src/script/connect/tls-rules.ts";
import { HttpClient } from "../../../src/script/http-client.ts";
import type { Http } from "../../../src/script/http-types.ts";
import { laneOpeners } from "../../../src/script/open-lane.ts";
import { DataFiles } from "../../../src/script/data-files.ts";
import { TagScope } from "../../../src/script/tag-scope.ts";
import { VuState, type WorkerSettings } from "../../../src/script/vu-state.ts";
import { makeWorld } from "../../../src/script/world.ts";

export interface Sample {
  readonly metric: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface HttpBench {
  readonly http: Http;
  readonly vu: VuState;
  readonly client: HttpClient;
  readonly samples: Sample[];
  /** What the author was told. */
  readonly told: string[];
  /** Samples of one metric. */
  readonly of: (metric: string) => Sample[];
}

/** One VU in the middle of an iteration; its connections close when the test ends. */
export function openHttp(
  options: HttpOptions = {},
  over: Partial<WorkerSettings> = {},
  guard?: TargetGuard,
): HttpBench {
  const samples: Sample[] = [];
  const told: string[] = [];
  const series: Omit<Sample, "value">[] = [];
  const sink = {
    nowUs: () => Math.round(performance.now() * 1000),
    series: ({ name }: { readonly name: string }, tags: Readonly<Record<string, string>>) =>
      series.push({ metric: name, tags }) - 1,
    add: (handle: number, value: number) => void samples.push({ ...(series[handle] as Sample), value }),
    refusedTag: () => undefined,
  };
  const settings: WorkerSettings = {
    sink,
    seed: 1,
    files: new DataFiles(() => new Uint8Array()),
    scenarios: [],
    requestTimeoutMs: 5_000,
    discardResponseBodies: false,
    userAgent: "mesh-test",
    reuseConnections: true,
    verifyTls: true,
    http: options,
    forgotten: { warned: true, seen: false },
    traffic: { interruptedRequests: 0, lastRequestUs: undefined },
    abort: () => undefined,
    warn: (message) => void told.push(message),
    mistake: (_topic, message) => void told.push(message),
    ...over,
  };
  const identity = {
    idInTest: 1,
    idInInstance: 1,
    scenario: "a",
    executor: "" as const,
    scenarioStartMs: 0,
  };
  const vu = new VuState(settings, identity, new TagScope(sink, {}));
  vu.phase = "iteration";
  const dial = {
    clock: sink,
    addresses: new AddressRules(options, guard),
    tls: new TlsRules(options, settings.verifyTls),
  };
  const lanes = {
    clock: sink,
    reuse: settings.reuseConnections,
    dial,
    plainHeaders: ["User-Agent", "mesh-test"],
  };
  const client = new HttpClient(vu, { settings: lanes, opener: laneOpeners(lanes) });
  onTestFinished(() => client.close(new Error("the test is over")));
  const { http } = makeWorld(vu, client, new Map());
  return {
    http,
    vu,
    client,
    samples,
    told,
    of: (metric) => samples.filter((each) => each.metric === metric),
  };
}

/** Listens on loopback until the test ends. @returns the port */
export async function listen(server: NetServer): Promise<number> {
  const sockets = new Set<{ destroy(): void }>();
  server.on("connection", (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
