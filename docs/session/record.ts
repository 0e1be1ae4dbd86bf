/**
 * `npm run session`: types README's first five minutes into a terminal with a MESH_HOME of its own, and writes what it
 * showed: `session.txt`, and `summary.svg` of the first command. Nothing is left running; needs tmux.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, hostname, userInfo } from "node:os";
import { join } from "node:path";
import { createMeshHome } from "../../test/support/run-mesh.ts";
import { hasTmux, openReadersShell, type Typed } from "../../test/support/readers-shell.ts";
import { svgOf } from "./ansi-svg.ts";
import { SESSION } from "./commands.ts";

const COMMAND_MS = 60_000;
const checkout = join(import.meta.dirname, "../..");

if (!hasTmux) throw new Error("npm run session needs tmux: install it, and run this again");

const folder = mkdtempSync("/tmp/mesh-session-");
mkdirSync(join(folder, "bin"));
symlinkSync(join(checkout, "bin/mesh"), join(folder, "bin/mesh"));
symlinkSync(join(checkout, "examples"), join(folder, "examples"));
const shown = await recorded().finally(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

const write = (name: string, text: string) => writeFileSync(join(import.meta.dirname, name), text);
const entries = SESSION.map((command, n) => `$ ${command}\n${outputOf(command, shown[n]?.text ?? "")}`);
write("session.txt", `${entries.join("\n\n")}\n`);
const [first = ""] = SESSION;
const [run] = shown;
write("summary.svg", svgOf(`$ ${first}\n${outputOf(first, run?.look ?? "")}`, `What ${first} shows`));

async function recorded(): Promise<readonly Typed[]> {
  await using home = createMeshHome();
  const environment = {
    PATH: `${join(folder, "bin")}:${process.env["PATH"] ?? ""}`,
    LANG: "C.UTF-8",
    HOME: folder,
    MESH_HOME: home.folder,
    MESH_CACHE: process.env["MESH_CACHE"] ?? join(homedir(), ".cache/mesh"),
  };
  await using shell = await openReadersShell(folder, environment, { columns: 100, rows: 50 });
  const shown: Typed[] = [];
  for (const command of SESSION) {
    const typed = await shell.type(command, COMMAND_MS);
    if (typed.code !== 0) throw new Error(`exit ${typed.code} of: ${command}\n${typed.text}`);
    shown.push(typed);
  }
  return shown;
}

/** What a command showed, without the line it was typed on and without this machine's names. */
function outputOf(command: string, screen: string): string {
  const output = screen.slice(screen.indexOf("\n", wrappedLength(command, screen)) + 1);
  return output
    .replaceAll(folder, "~")
    .replaceAll(checkout, ".")
    .replaceAll(`${userInfo().username}@${hostname()}`, "you@laptop")
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n")
    .trimEnd();
}

/** Where the echo of a command ends, which the terminal may have broken into lines. */
function wrappedLength(command: string, screen: string): number {
  let at = 0;
  for (const letter of command) at = screen.indexOf(letter, at) + 1;
  return at;
}
