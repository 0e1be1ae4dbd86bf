/** How a page of text looks on standard output: 80 columns where it is no terminal, so that it fits into most. */
import { pageOf } from "../../domain/summary/text-layout.ts";
import { isUtf8 } from "../live/terminal.ts";
import { terminalLook } from "../report/terminal.ts";
import type { Look } from "./plan-text.ts";

const COLUMNS = 80;
const CHART_COLUMNS_MAX = 200;

export function lookHere(): Look {
  const { columns, paint } = terminalLook();
  const width = columns || COLUMNS;
  return {
    ...pageOf(width, paint),
    chartColumns: Math.min(width, CHART_COLUMNS_MAX),
    utf8: isUtf8(process.env),
  };
}
