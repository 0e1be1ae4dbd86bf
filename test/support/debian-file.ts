/**
 * A file of a package of this machine's own Debian, fetched by apt into the suite's cache once and unpacked there: nothing is
 * installed. Where there is no apt, or no such package, tests say so in their names and are skipped.
 */
import { existsSync, globSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory } from "../../src/keeper/home.ts";
import { lockWithin } from "../../src/keeper/kernel-lock.ts";
import { runProgram } from "../../src/keeper/run-program.ts";

/** `path` is empty where the file cannot be had; then `why` says what is in the way, in a few words. */
export interface DebianFile {
  readonly path: string;
  readonly why: string;
}

const WITHIN_MS = 60_000;

/** `pattern`: a glob below the package's root. */
export async function debianFile(name: string, pattern: string): Promise<DebianFile> {
  const shelf = join(cacheDirectory(process.env), "debian");
  mkdirSync(shelf, { recursive: true });
  const lock = await lockWithin(join(shelf, ".lock"), { boundMs: 2 * WITHIN_MS });
  try {
    const folder = join(shelf, name);
    if (!existsSync(folder)) await fetchInto(folder, name, mkdtempSync(join(shelf, ".work-")));
    const [found] = globSync(pattern, { cwd: folder });
    return found === undefined
      ? { path: "", why: `${name} holds no ${pattern}` }
      : { path: join(folder, found), why: "" };
  } catch (error) {
    return { path: "", why: (error as Error).message.split("\n")[0] ?? "" };
  } finally {
    lock?.release();
  }
}

/** By the lists of packages that this machine has; where those are missing or old, by new ones in the work folder. */
async function fetchInto(folder: string, name: string, work: string): Promise<void> {
  const run = (program: string, ...args: readonly string[]) =>
    runProgram(program, args, { cwd: work, boundMs: WITHIN_MS, env: { ...process.env, LC_ALL: "C" } });
  const own = ["-o", `Dir::State::Lists=${work}/lists`, "-o", `Dir::Cache=${work}/cache`];
  const apt = ["-qq", "-o", "APT::Sandbox::User="];
  try {
    await run("apt-get", ...apt, "download", name).catch(async () => {
      mkdirSync(join(work, "lists/partial"), { recursive: true });
      await run("apt-get", ...apt, ...own, "update");
      return run("apt-get", ...apt, ...own, "download", name);
    });
    const archive = readdirSync(work).find((file) => file.endsWith(".deb"));
    await run("dpkg-deb", "-x", archive ?? `${name}.deb`, "unpacked");
    renameSync(join(work, "unpacked"), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
