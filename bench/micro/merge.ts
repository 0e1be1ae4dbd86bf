/**
 * Merge from the wire against hdr-histogram-js: folds frames of ten time trends as a zone does, and decodes, adds
 * and encodes the same histograms with the library, on this machine, in one process. Prints both and the ratio.
 *
 * Run: npm run bench:merge
 */
import { readFileSync } from "node:fs";
import hdr, { type Histogram as HdrHistogram } from "hdr-histogram-js";
import { Accumulator } from "../../src/domain/interval/accumulator.ts";
import type { IntervalHead } from "../../src/domain/interval/frame.ts";
import { builtin } from "../../src/domain/metric/builtin.ts";
import { ByteWriter } from "../../src/domain/metric/byte-writer.ts";
import { encodeHistogram } from "../../src/domain/metric/histogram-codec.ts";
import { Histogram } from "../../src/domain/metric/histogram.ts";
import { bucketOf, HIGHEST_TRACKABLE } from "../../src/domain/metric/layout.ts";
import { Recorder } from "../../src/engine/recorder.ts";

const SERIES = 10;
const FRAMES = 200;
const SAMPLES = 100;
const MEASURE_MS = 2000;

/** Log-normal latencies around 5 ms, in µs: what a healthy HTTP target gives. */
function latencyUs(): number {
  const normal = Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  return Math.round(5000 * Math.exp(normal * 0.5));
}

function makeFrame(agent: number): Uint8Array {
  const recorder = new Recorder(`agent${agent}.1`, {});
  for (let series = 0; series < SERIES; series += 1) {
    const handle = recorder.series(builtin("http_req_duration"), { name: `endpoint ${series}` });
    for (let sample = 0; sample < SAMPLES; sample += 1) recorder.add(handle, latencyUs());
  }
  return recorder.close(0, { final: false, health: [] });
}

/** Every window but the first of a run: definitions travel once. */
function makeLaterFrame(): Uint8Array {
  const recorder = new Recorder("agent0.1", {});
  const fill = () => {
    for (let series = 0; series < SERIES; series += 1) {
      const handle = recorder.series(builtin("http_req_duration"), { name: `endpoint ${series}` });
      for (let sample = 0; sample < SAMPLES; sample += 1) recorder.add(handle, latencyUs());
    }
  };
  fill();
  recorder.close(0, { final: false, health: [] });
  fill();
  return recorder.close(1, { final: false, health: [] });
}

function makeHistogram(): Uint8Array {
  const histogram = new Histogram();
  for (let sample = 0; sample < SAMPLES; sample += 1) histogram.add(bucketOf(latencyUs()), 1);
  const writer = new ByteWriter();
  encodeHistogram(histogram, writer);
  return writer.finish();
}

/** Calls `work` (which handles `units`) for a while, after a warm-up; µs per unit. */
function usPerUnit(units: number, work: () => void): number {
  const run = (forMs: number) => {
    const start = performance.now();
    let calls = 0;
    while (performance.now() - start < forMs) {
      work();
      calls += 1;
    }
    return ((performance.now() - start) * 1000) / (calls * units);
  };
  run(MEASURE_MS / 4);
  return run(MEASURE_MS);
}

const HEAD: IntervalHead = {
  source: "zone.1",
  number: 0,
  window: 0,
  final: false,
  expected: FRAMES,
  present: FRAMES,
  adds: [],
  through: [],
  health: [],
};

/** One window of a zone: every agent's frame folded, the zone's frame encoded. */
function ours(): number {
  const frames = Array.from({ length: FRAMES }, (_, agent) => makeFrame(agent));
  const accumulator = new Accumulator();
  return usPerUnit(FRAMES * SERIES, () => {
    for (const frame of frames) accumulator.add(frame);
    accumulator.encode(HEAD);
    accumulator.reset();
  });
}

/** The library's decoder of uncompressed bytes; its types declare it in a module that is not exported. */
const { decode } = hdr.JsHistogram as unknown as {
  decode(this: void, data: Uint8Array, bits: 64): HdrHistogram;
};

/** The same with the library: each histogram decoded and added, each sum encoded once per window. */
function library(encodePerFrame: boolean): number {
  const payloads = Array.from({ length: FRAMES }, makeHistogram);
  const build = () =>
    hdr.build({
      lowestDiscernibleValue: 1,
      highestTrackableValue: HIGHEST_TRACKABLE,
      numberOfSignificantValueDigits: 3,
      bitBucketSize: 64,
    });
  return usPerUnit(FRAMES, () => {
    const sum = build();
    for (const payload of payloads) {
      sum.add(decode(payload, 64));
      if (encodePerFrame) hdr.encodeIntoCompressedBase64(sum);
    }
    hdr.encodeIntoCompressedBase64(sum);
  });
}

const manifest = new URL("../../node_modules/hdr-histogram-js/package.json", import.meta.url);
const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
const fold = ours();
const [once, each] = [library(false), library(true)];
const line = (name: string, us: number) =>
  console.log(
    `${name.padEnd(58)} ${us.toFixed(2).padStart(8)} µs/series  ${(us / fold).toFixed(1).padStart(6)} ×`,
  );

console.log(`${SAMPLES} samples per series, ${SERIES} series per frame, ${FRAMES} agents per window`);
line("mesh: check, fold from the wire, encode once a window", fold);
line(`hdr-histogram-js ${version}: decode, add, encode once a window`, once);
line(`hdr-histogram-js ${version}: decode, add, encode (deflate) each`, each);
const frames = [makeFrame(0), makeLaterFrame()].map(({ length }) => Math.round(length / SERIES));
const deflated = hdr.encodeIntoCompressedBase64(decode(makeHistogram(), 64)).length;
console.log(
  `bytes per series and window on the wire: ${frames[1]} (${frames[0]} in the first window, with definitions); ` +
    `hdr-histogram-js, deflated and in base64, the histogram alone: ${deflated}`,
);
console.log(`agents per core at 1 s windows, ${SERIES} series each: ${Math.floor(1e6 / (fold * SERIES))}`);
