/** Name and version of this program, as nodes tell it to each other. */
import pjson from "../../package.json" with { type: "json" };

export const PROGRAM = `mesh/${pjson.version}`;
