/** The data files of a run, as they were sent along with it: all that a script can read on an agent's machine. */
import type { DataBytes } from "../ports/workers.ts";
import { DataFileError } from "../script/data-file-error.ts";
import type { ReadBytes } from "../script/data-files.ts";

export function sentFiles(files: readonly DataBytes[]): ReadBytes {
  const byName = new Map(files.map(({ name, bytes }) => [name, bytes]));
  return (name) => {
    const bytes = byName.get(name);
    if (bytes !== undefined) return bytes;
    throw new DataFileError(
      `"${name}" did not travel with the script, because module scope did not read it on the machine of mesh run: ` +
        "read the same files in every VU and scenario",
    );
  };
}
