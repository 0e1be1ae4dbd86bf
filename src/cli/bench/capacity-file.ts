/** Where `mesh bench --agent` leaves what it measured, for `mesh plan`: one file in MESH_HOME, readable by everyone. */
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Capacity } from "../../domain/forecast/capacity.ts";
import { homeDirectory, usableDirectory } from "../../keeper/home.ts";

/** Raised when the meaning of a field changes: what an older program measured is then measured anew. */
const FORMAT = 1;
const NAME = "capacity.json";

/** What was measured last in this state directory; undefined where nothing was, or nothing that can be read. */
export async function readCapacity(): Promise<Capacity | undefined> {
  try {
    const text = await readFile(join(homeDirectory(), NAME), "utf8");
    const { format, ...capacity } = JSON.parse(text) as Capacity & { readonly format: number };
    return format === FORMAT ? capacity : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the path of the file. */
export async function writeCapacity(capacity: Capacity): Promise<string> {
  const path = join(usableDirectory(homeDirectory(), "MESH_HOME"), NAME);
  const unfinished = `${path}.${process.pid}`;
  await writeFile(unfinished, `${JSON.stringify({ format: FORMAT, ...capacity }, null, 2)}\n`, {
    mode: 0o644,
  });
  await rename(unfinished, path);
  return path;
}
