/** What a figure means, without asking where it comes from: bounds and sentences. Pure. */
import { apartText, CLOCK_FAR_MS, NTP_HINT } from "../../domain/clock-words.ts";
import { type Finding, fail, ok, warn } from "./finding.ts";

const MEGABYTE = 1e6;
const SPACE_WARN_BYTES = 1000 * MEGABYTE;
const SPACE_FAIL_BYTES = 100 * MEGABYTE;
const OPEN_FILES_MIN = 4096;
const MEMORY_WARN_BYTES = 512 * MEGABYTE;
/** An interval of a large run may be this long; smaller messages are enough for small runs. */
const PAYLOAD_BYTES = 4 * MEGABYTE;

export function bytesText(bytes: number): string {
  if (bytes >= 1000 * MEGABYTE) return `${(bytes / MEGABYTE / 1000).toFixed(1)} GB`;
  return bytes >= MEGABYTE ? `${Math.round(bytes / MEGABYTE)} MB` : `${Math.ceil(bytes / 1000)} KB`;
}

/** Free room where a directory lies; `fact` is what else there is to say of it. */
export function judgeSpace(name: string, fact: string, freeBytes: number, variable: string): Finding {
  const message = `${fact}, ${bytesText(freeBytes)} free`;
  const hint = `make room on that disk, or set ${variable} to a directory on another one`;
  if (freeBytes < SPACE_FAIL_BYTES) return fail(name, message, hint);
  return freeBytes < SPACE_WARN_BYTES ? warn(name, message, hint) : ok(name, message);
}

/** `most`: undefined where there is no limit. */
export function judgeOpenFiles(most: number | undefined): Finding {
  const name = "open files";
  if (most === undefined) return ok(name, "no limit");
  if (most >= OPEN_FILES_MIN) return ok(name, `at most ${most}`);
  const hint = `raise it before mesh starts: ulimit -n ${OPEN_FILES_MIN} (each connection of a VU is one)`;
  return warn(name, `at most ${most}: few connections at once`, hint);
}

export function judgeMachine(cores: number, freeBytes: number, totalBytes: number): Finding {
  const name = "cores";
  const free = `${bytesText(freeBytes)} of ${bytesText(totalBytes)} memory available`;
  const message = `${cores === 1 ? "one" : cores}, ${free}`;
  if (freeBytes >= MEMORY_WARN_BYTES) return ok(name, message);
  return warn(name, message, "end other programs, or run agents on other machines: mesh agent --nats …");
}

/** Start and stages of a run are instants of the broker's clock, so the offset harms nothing but what people read. */
export function judgeClock(offsetMs: number, errorMs: number): Finding {
  const name = "clock";
  const way = offsetMs > 0 ? "behind" : "ahead of";
  const message = `this machine is ${apartText(offsetMs)} ${way} the broker (± ${errorMs.toFixed(1)} ms)`;
  if (Math.abs(offsetMs) <= CLOCK_FAR_MS) return ok(name, message);
  return warn(name, message, `${NTP_HINT}. Runs are right all the same; times read oddly`);
}

/** A run starts in each zone at an instant of the hub's clock, which the zone measures; far off still harms what people read. */
export function judgeZoneClock(offsetMs: number, errorMs: number): Finding {
  const name = "zone clock";
  const far = apartText(offsetMs);
  const way = offsetMs > 0 ? "ahead of" : "behind";
  const message = `this zone's server is ${far} ${way} the server above (± ${errorMs.toFixed(1)} ms)`;
  if (Math.abs(offsetMs) - errorMs <= CLOCK_FAR_MS) return ok(name, message);
  return warn(name, message, `${NTP_HINT}. Credentials and commands end by those clocks`);
}

export function judgePayload(bytes: number): Finding | undefined {
  if (bytes >= PAYLOAD_BYTES) return undefined;
  const message = `max_payload is ${bytesText(bytes)}: the intervals of large runs do not fit`;
  return warn("max_payload", message, "set max_payload: 8MB in nats-server.conf");
}

export function judgeStorage(usedBytes: number, limitBytes: number | undefined): Finding {
  const name = "storage";
  if (limitBytes === undefined) return ok(name, `${bytesText(usedBytes)} stored, the account has no limit`);
  const message = `${bytesText(usedBytes)} of ${bytesText(limitBytes)} stored`;
  const hint = "remove old runs (mesh runs, mesh runs rm RUN), or raise the limit of the account";
  const left = limitBytes - usedBytes;
  if (left < limitBytes / 100) return fail(name, `${message}: full`, hint);
  return left < limitBytes / 10 ? warn(name, message, hint) : ok(name, message);
}

/** Which Node runs us, and from where. */
export function judgeNode(versionText: string, whence: string): Finding {
  const major = Number(versionText.replace(/^v/, "").split(".")[0]);
  const message = `${versionText.replace(/^v/, "")}, ${whence}`;
  if (major >= 24) return ok("node", message);
  return fail("node", `${message}: mesh needs 24 or newer`, "install Node 24, or name one in MESH_NODE");
}

/** Nothing is asked of Windows: the keeper and its guards need a POSIX shell. */
export function judgePlatform(platform: string, arch: string): Finding {
  const name = "platform";
  const message = `${platform} ${arch}`;
  const isKnown = arch === "x64" || arch === "arm64";
  if (platform === "linux" && isKnown) return ok(name, message);
  if (platform === "darwin" && isKnown) {
    return warn(
      name,
      `${message}: not tested by us`,
      "bring Node 24 and nats-server along: brew install node nats-server",
    );
  }
  return fail(name, `${message} is not supported`, "use Linux on x64 or arm64; on Windows that is WSL");
}
