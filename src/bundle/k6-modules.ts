/** k6's own modules, each with what a script writes instead of importing it. Only text; the guide has it all in a table. */

const BY_MODULE: Readonly<Record<string, string>> = {
  k6: 'import { check, fail, group, sleep } from "loadmesh", and await group() and sleep().',
  "k6/http": 'import http from "loadmesh", make the functions async, and await each request.',
  "k6/metrics": 'import { Counter, Gauge, Rate, Trend } from "loadmesh".',
  "k6/execution": 'import { exec } from "loadmesh".',
  "k6/options": 'import type { Options } from "loadmesh".',
  "k6/data": 'data files are imported: import users from "./users.json".',
  "k6/crypto": 'import { createHash, createHmac } from "node:crypto".',
  "k6/encoding": 'Buffer.from(text).toString("base64"), and Buffer.from(text, "base64").',
  "k6/timers": "setTimeout and setInterval are there without an import.",
  "k6/html": "parse res.body with an npm package, such as node-html-parser.",
  "k6/ws": "there is no WebSocket client yet; an npm package runs, but its traffic is not measured.",
  "k6/websockets": "there is no WebSocket client yet; an npm package runs, but its traffic is not measured.",
  "k6/net/grpc": "there is no gRPC client yet; an npm package runs, but its traffic is not measured.",
  "k6/browser": "there is no browser; an npm package such as playwright runs, but is not measured.",
  "k6/secrets": "give secrets by --env NAME=value: events and logs have their names only.",
};

/** What to write instead of `import … from "k6/…"`. */
export function insteadOfK6(specifier: string): string {
  const name = specifier.replace(/^k6\/experimental\//, "k6/");
  const hint = BY_MODULE[name];
  const guide = "See docs/from-k6.md.";
  if (hint !== undefined) return `Instead: ${hint} ${guide}`;
  if (specifier.startsWith("k6/x/")) return `Extensions of k6 are Go; look for an npm package. ${guide}`;
  return `Everything is exported by "loadmesh": import { http, check, sleep } from "loadmesh". ${guide}`;
}
