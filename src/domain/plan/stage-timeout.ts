/** How long `setup` and `teardown` may take when nothing is said, ms. */
export const STAGE_TIMEOUT_MS = 60_000;
