/**
 * How text for people looks on standard output: as wide as the terminal, coloured where Node says it may be (a terminal
 * that has colours, NO_COLOR, FORCE_COLOR). Anything else gets plain text of the usual width.
 */
import { styleText } from "node:util";
import type { SummaryLook } from "../../domain/summary/render.ts";

export const terminalLook = (): SummaryLook => ({
  columns: process.stdout.isTTY ? process.stdout.columns : undefined,
  paint: (look, text) => styleText(look, text, { stream: process.stdout }),
});
