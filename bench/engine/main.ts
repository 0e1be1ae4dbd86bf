/**
 * Requests per second of our engine alone – one worker process on one core – against autocannon, bare undici, a bare
 * socket loop, wrk, and k6 where it may be used; the target has the other core. With `--profile` it says instead where
 * the worker's time goes, and writes the CPU profile. Relies on Linux, taskset and two cores.
 *
 *     npm run bench:engine -- [--rounds 5] [--seconds 10] [--only engine,k6] [--fetch-k6] [--json]
 *     npm run bench:engine -- --profile [file.cpuprofile] [--seconds 10]
 */
import { autocannon } from "../versus/peers/autocannon.ts";
import { k6 } from "../versus/peers/k6.ts";
import { wrk } from "../versus/peers/wrk.ts";
import { runComparison } from "../versus/run-comparison.ts";
import { sockets, undici } from "./peers/bare.ts";
import { engine } from "./peers/engine.ts";
import { profileEngine } from "./profile.ts";

const args = process.argv.slice(2);
if (args.includes("--profile")) await profileEngine(args);
else await runComparison({ args, peers: { engine, k6, autocannon, undici, sockets, wrk }, ours: "engine" });
