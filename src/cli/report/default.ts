/** The reporter `default`: the summary for people, on a terminal in its width and with its colours. */
import { renderSummary } from "../../domain/summary/render.ts";
import type { Desk, Reporter } from "./reporter.ts";
import { terminalLook } from "./terminal.ts";

export const defaultReporter = ({ isStdout, next, write }: Desk): Reporter => ({
  end: ({ document, isReplaced }) => {
    if (isReplaced && isStdout) return;
    const look = isStdout ? terminalLook() : {};
    write(renderSummary(document, { ...look, next: next(document.run) }));
  },
});
