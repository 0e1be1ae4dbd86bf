/** Names in the object stores that door, root, zones and agents must agree on. */

/** A data file of a script: in the store of bundles, and in every copy of it. */
export const dataFile = (sha256: string): string => `file/${sha256}`;

/** A script with its imports, and where its lines come from: in the stores of links and zones. */
export const bundleOf = (sha256: string): string => `bundle/${sha256}`;
export const sourceMapOf = (sha256: string): string => `bundle/${sha256}.map`;

/** A copy of the values of a run: `--env`, secrets, and what else its plan only names. */
export const environmentOf = (run: string): string => `environment/${run}`;
