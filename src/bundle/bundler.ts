/**
 * Loads rolldown when a script is to be bundled: it takes 50 ms, which other commands do not pay. Its native half is an
 * optional package of its own, so `npm install --omit=optional` leaves it out; that is no fault of the script.
 */
import { createRequire } from "node:module";
import type * as Rolldown from "rolldown";

/** Mesh was installed without something that it cannot do without. */
export class BundlerAbsent extends Error {
  override readonly name = "BundlerAbsent";
  readonly hint: string;
  constructor(hint: string, cause: unknown) {
    super("the bundler (npm package rolldown) was installed without its native half", { cause });
    this.hint = hint;
  }
}

/** @throws BundlerAbsent */
export async function loadBundler(): Promise<typeof Rolldown> {
  try {
    return await import("rolldown");
  } catch (error) {
    const binding = missingBinding(error);
    const { version } = createRequire(import.meta.url)("rolldown/package.json") as { version: string };
    const beside = binding && `, or with it: npm install --omit=optional loadmesh ${binding}@${version}`;
    throw new BundlerAbsent(`Install Mesh without --omit=optional${beside ?? ""}`, error);
  }
}

/** The package for this machine, from the chain of what rolldown tried; the one in WebAssembly is for others. */
function missingBinding(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const [, name] = /Cannot find module '(@rolldown\/binding-(?!wasm)[\w-]+)'/.exec(error.message) ?? [];
  return name ?? missingBinding(error.cause);
}
