/**
 * A new user goes through README.md from top to bottom, in a terminal, typing one command line after another as it
 * stands. What must be left out is decided by the form of a line alone, and told.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type CommandLine, commandLines } from "../support/command-lines.ts";
import { createMeshHome } from "../support/run-mesh.ts";
import { hasTmux, openReadersShell } from "../support/readers-shell.ts";

const checkout = join(import.meta.dirname, "../..");
/** For all of it, and for one command. */
const READING_MS = 180_000;
const COMMAND_MS = 60_000;

/** `RUN` is a run that the reader has: the last one. What is in brackets, nobody needs. */
const asTyped = ({ text }: CommandLine): string =>
  text.replaceAll(/\s\[[^\]]*\]/g, "").replaceAll(/\bRUN\b/g, "last");

/** Commands for a run that goes on: by the time a reader types them, the run of the line before has ended. */
const FOR_OPEN_RUNS = new Set(["abort", "attach"]);

/** Those that stay until they are stopped: a reader gives each a terminal of its own, as `private-zone.test.ts` does. */
const DAEMONS = new Set(["agent", "root", "server"]);

/** Why a reader in `folder` cannot type this line as it stands; undefined when they can. */
function whyNot(line: CommandLine, folder: string): string | undefined {
  const { argv, reads } = line;
  const typed = asTyped(line);
  if (/\s--(?:nats|creds|context)\b/.test(typed)) return "needs a NATS server of one's own";
  if (/https?:\/\//.test(typed)) return "needs a target of one's own";
  if (argv.some((word) => word.includes("…") || (/^[A-Z][A-Z_]+$/.test(word) && word !== "RUN")))
    return "has a place to fill in";
  if (DAEMONS.has(argv[0] ?? "")) return "stays until it is stopped";
  const files = [...reads, ...argv.filter((word) => /^[\w./-]+\.[jt]s$/.test(word))];
  const missing = files.find((file) => !existsSync(join(folder, file)));
  if (missing !== undefined) return `needs a file of one's own, ${missing}`;
  if (FOR_OPEN_RUNS.has(argv[0] ?? "")) return "needs a run that goes on";
  return undefined;
}

/** What no screen of a reader may show. */
const TROUBLE = /^mesh: |\bthis is a bug\b|command not found|No such file|^\w*Error: |^\s+at .*\.[jt]s:\d+/m;

/** A folder that looks like the checkout to a reader, and keeps what they write out of it. */
function readersFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync("/tmp/mesh-reader-");
  mkdirSync(join(path, "bin"));
  symlinkSync(join(checkout, "bin/mesh"), join(path, "bin/mesh"));
  symlinkSync(join(checkout, "examples"), join(path, "examples"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}

const lines = commandLines("README.md");

describe.skipIf(!hasTmux)(`README.md${hasTmux ? "" : " (skipped: there is no tmux)"}`, () => {
  it(
    "can be followed from top to bottom: every command ends well and shows no error",
    async () => {
      using folder = readersFolder();
      await using home = createMeshHome({ pinned: lines.some(({ argv }) => argv[0] === "up") });
      const environment = {
        PATH: `${join(folder.path, "bin")}:${process.env["PATH"] ?? ""}`,
        LANG: "C.UTF-8",
        HOME: folder.path,
        MESH_HOME: home.folder,
        MESH_CACHE: process.env["MESH_CACHE"] ?? join(folder.path, "cache"),
      };
      await using shell = await openReadersShell(folder.path, environment);
      const told: string[] = [];
      for (const line of lines) {
        const reason = whyNot(line, folder.path);
        told.push(reason === undefined ? `typed   ${line.text}` : `skipped ${line.text}: ${reason}`);
        if (reason !== undefined) continue;
        const { code, text } = await shell.type(asTyped(line), COMMAND_MS);
        expect(code, `${line.place}\n${text}`).toBe(0);
        expect(text, line.place).not.toMatch(TROUBLE);
      }
      console.info(told.join("\n"));
      expect(told.filter((each) => each.startsWith("typed")).length).toBeGreaterThan(4);
    },
    READING_MS,
  );
});
