/** Names in the object stores that door, root, zones and agents must agree on. */

/** A data file of a script: in the store of bundles, and in each zone's own. */
export const dataFile = (sha256: string): string => `file/${sha256}`;

/** A zone's copy of the values of a run: `--env`, secrets, and what else its plan only names. */
export const environmentOf = (run: string): string => `environment/${run}`;
