/** A request that no plan can be made of, as a person is told. */
import type { Problem } from "../../../streams/schema/plan.ts";
import { printableLine } from "../../domain/printable.ts";
import { exitCode, Failure } from "../exit-codes.ts";

/** All problems of a plan, each with where it is and what to do; `places` knows the script's lines. */
export function problemsFailure(
  script: string,
  problems: readonly Problem[],
  places: (path: string) => string | undefined = () => undefined,
): Failure {
  const lines = problems.map(({ path, message, hint }) => {
    const place = places(path);
    const at = place === undefined ? "" : `${script}:${place} `;
    return printableLine(`  ${at}${path}: ${message}${hint === undefined ? "" : ` – ${hint}`}`);
  });
  const count = problems.length === 1 ? "one problem" : `${problems.length} problems`;
  return new Failure(
    exitCode.scriptInvalid,
    "PlanInvalid",
    `${script} has ${count} in its options\n${lines.join("\n")}`,
  );
}
