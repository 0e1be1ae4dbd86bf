/** The auditor of the simulation shares no code with the program, not even by way of the other tests. */
import { describe, expect, it } from "vitest";
import { importsOf, resolveImport, sourceFiles } from "./source-files.ts";

const AUDITOR = "test/simulation/auditor";

describe("auditor", () => {
  const files = sourceFiles(AUDITOR);

  it("imports nothing but itself and Node", () => {
    expect(files.length).toBeGreaterThan(0);
    const others = files.flatMap(({ path, text }) =>
      importsOf(text)
        .filter(({ specifier }) => {
          const target = resolveImport(path, specifier);
          return target === undefined ? !specifier.startsWith("node:") : !target.startsWith(`${AUDITOR}/`);
        })
        .map(({ specifier }) => `${path} imports ${specifier}`),
    );
    expect(others).toEqual([]);
  });
});
