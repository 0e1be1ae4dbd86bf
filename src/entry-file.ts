/**
 * Where the entry of a child process lies: TypeScript in a checkout, which runs unbuilt, and JavaScript at the same
 * place in the npm package, since Node strips no types under `node_modules`. It does not look whether it is there.
 */
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Path of an entry.
 * @param entry relative to the module that asks, without its extension: `./worker-main`
 * @param here that module's `import.meta.url`
 */
export const entryFile = (entry: string, here: string): string =>
  fileURLToPath(new URL(`${entry}${extname(here)}`, here));
