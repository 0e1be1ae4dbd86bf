/** Checks the labels of a run: what its people call it. They decide nothing, and are bounded because lists show them. */
import type { PlanRequest } from "../../../streams/schema/plan.ts";
import type { Place } from "./place.ts";

const LABELS_MAX = 32;
const NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;
/** Characters of a value. */
export const LABEL_VALUE_MAX = 256;

/** Reports what is wrong with `labels`; `at` is their place. */
export function checkLabels({ labels = {} }: Pick<PlanRequest, "labels">, at: Place): void {
  const entries = Object.entries(labels);
  if (entries.length > LABELS_MAX) at.report(`are ${entries.length}, and at most ${LABELS_MAX} are kept`);
  for (const [name, value] of entries) {
    if (!NAME.test(name))
      at.in(name).report("is no name", "use a letter, then letters, digits, `_`, `.` or `-`, 64 in all");
    if (/\p{Cc}/u.test(value)) at.in(name).report("has a line break or another control character");
    if (value.length > LABEL_VALUE_MAX)
      at.in(name).report(`is ${value.length} characters long, not ${LABEL_VALUE_MAX} at most`);
  }
}
