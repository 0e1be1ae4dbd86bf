/** Self time of a CPU profile, by part of the program and by function. Knows V8's format and our folders, nothing else. */

export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
    };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

type Times = readonly (readonly [name: string, us: number])[];

/** Which part a function belongs to: the first pattern that its place or name matches. */
const PARTS: readonly (readonly [pattern: RegExp, part: string])[] = [
  [/^\(idle\)/, "idle"],
  [/^write(Latin1String|Utf8String|Buffer|v)$/, "writing: the system call, TCP in the kernel included"],
  [/^\(garbage collector\)/, "garbage collection"],
  [/^mesh:/, "the script"],
  [/node_modules\/undici|^wasm:/, "undici, its parser included"],
  [/src\/(script\/(http|lane|exchange|headers|target|body|request|error|lean|wire)|http)/, "our HTTP client"],
  [
    /src\/(engine\/(recorder|window-recorder|health)|domain\/|script\/(tag-scope|sink))/,
    "recorder and metrics",
  ],
  [/src\/(engine|script)\//, "engine: loops, VUs, check"],
  [/node:internal\/(timers|process\/task_queues)|node:timers/, "Node: timers and ticks"],
  [/^node:/, "Node: net and streams"],
  [/^\(program\)/, "native code: system calls, libuv, parsing"],
];

export function selfTimes({ nodes, samples, timeDeltas }: CpuProfile) {
  const byNode = new Map<number, number>();
  for (const [index, id] of samples.entries())
    byNode.set(id, (byNode.get(id) ?? 0) + (timeDeltas[index] ?? 0));
  const parts = new Map<string, number>();
  const functions = new Map<string, number>();
  let totalUs = 0;
  for (const { id, callFrame } of nodes) {
    const us = byNode.get(id) ?? 0;
    totalUs += us;
    add(parts, partOf(callFrame), us);
    add(functions, nameOf(callFrame), us);
  }
  return { parts: sorted(parts), functions: sorted(functions), totalUs };
}

type Frame = CpuProfile["nodes"][number]["callFrame"];

const partOf = ({ functionName, url }: Frame): string =>
  PARTS.find(([pattern]) => pattern.test(url === "" ? functionName : url))?.[1] ??
  "native code, called by name";

function nameOf({ functionName, url, lineNumber }: Frame): string {
  const name = functionName === "" ? "(anonymous)" : functionName;
  const place = url.replace(/^.*\/(src|node_modules)\//, "$1/");
  return url === "" ? name : `${name}  ${place}:${lineNumber + 1}`;
}

const add = (times: Map<string, number>, name: string, us: number): void =>
  void times.set(name, (times.get(name) ?? 0) + us);

const sorted = (times: ReadonlyMap<string, number>): Times =>
  [...times].filter(([, us]) => us > 0).toSorted(([, a], [, b]) => b - a);
