/**
 * A bundle, compiled once per worker and instantiated once per VU. The packages are instantiated once and shared;
 * they see the process's own `Math`, since they cannot know for which VU they work.
 * Code gets what it needs as parameters, never as globals, so VUs cannot see each other.
 */
import { createRequire, isBuiltin } from "node:module";
import { compileFunction } from "node:vm";
import { type Artifact, decodeArtifact, ENTRY } from "./artifact.ts";
import { CHUNK_SCHEME } from "./source-places.ts";

const PARAMETERS = [
  "exports",
  "require",
  "module",
  "__filename",
  "__dirname",
  "__mesh",
  "__ENV",
  "open",
  "Math",
] as const;

type Exports = Record<string, unknown>;
type Require = (specifier: string) => unknown;
type ChunkFunction = (
  exports: Exports,
  require: Require,
  module: { exports: Exports },
  filename: string,
  dirname: string,
  mesh: VuNumbers,
  env: Readonly<Record<string, string>>,
  open: Surroundings["open"],
  math: Math,
) => void;

/** What `__VU` and `__ITER` read: they differ per VU and change over time. */
export interface VuNumbers {
  readonly vu: number;
  readonly iteration: number;
}

/** What one VU's instance of the script is given. */
export interface Surroundings {
  readonly loadmesh: object;
  readonly numbers: VuNumbers;
  readonly env: Readonly<Record<string, string>>;
  /** k6's: a file that the script brings along. */
  readonly open: (path: unknown, mode?: unknown) => string | ArrayBuffer;
  /** `Math`, with this VU's own chance. */
  readonly math: Math;
}

const noOpen: Surroundings["open"] = () => {
  throw new Error("open() works in the script's own modules, not in npm packages");
};

const builtins = createRequire(import.meta.url);

function requireBuiltin(specifier: string): unknown {
  if (isBuiltin(specifier)) return builtins(specifier);
  throw Object.assign(new Error(`Cannot find module '${specifier}'`), { code: "MODULE_NOT_FOUND" });
}

function compile(chunks: Artifact["script"]): Map<string, ChunkFunction> {
  return new Map(
    Object.entries(chunks).map(([name, code]) => [
      name,
      // In a block of its own, a module may have names of its own that are parameters here: `open`, `Math`.
      compileFunction(`{\n${code}\n}`, [...PARAMETERS], {
        filename: `${CHUNK_SCHEME}${name}`,
        lineOffset: -1,
      }) as ChunkFunction,
    ]),
  );
}

/** One set of modules that see the same surroundings. */
class Instance {
  readonly #chunks: ReadonlyMap<string, ChunkFunction>;
  readonly #loaded = new Map<string, { exports: Exports }>();
  readonly #surroundings: Surroundings;
  readonly #outer: Require;

  constructor(chunks: ReadonlyMap<string, ChunkFunction>, surroundings: Surroundings, outer: Require) {
    this.#chunks = chunks;
    this.#surroundings = surroundings;
    this.#outer = outer;
  }

  readonly load = (specifier: string): unknown => {
    const name = specifier.replace(/^\.\//, "");
    const loaded = this.#loaded.get(name);
    if (loaded) return loaded.exports;
    const chunk = this.#chunks.get(name);
    return chunk ? this.#run(name, chunk) : this.#outer(specifier);
  };

  #run(name: string, chunk: ChunkFunction): Exports {
    const module = { exports: {} as Exports };
    this.#loaded.set(name, module);
    const { numbers, env, open, math } = this.#surroundings;
    chunk(module.exports, this.load, module, `/${name}`, "/", numbers, env, open, math);
    return module.exports;
  }
}

const nobody: Surroundings = {
  loadmesh: {},
  numbers: { vu: 0, iteration: 0 },
  env: {},
  open: noOpen,
  math: Math,
};

export class Program {
  readonly #script: ReadonlyMap<string, ChunkFunction>;
  readonly #packages: Instance;

  /** @throws Error when the bytes are not a bundle, SyntaxError when its code is not JavaScript */
  constructor(bundle: Uint8Array) {
    const artifact = decodeArtifact(bundle);
    this.#script = compile(artifact.script);
    this.#packages = new Instance(compile(artifact.packages), nobody, requireBuiltin);
  }

  /** Runs module scope once, for one VU. @returns what the script exports @throws what module scope throws */
  instantiate(surroundings: Surroundings): Exports {
    const outer: Require = (specifier) =>
      specifier === "loadmesh" ? surroundings.loadmesh : this.#packages.load(specifier);
    return new Instance(this.#script, surroundings, outer).load(ENTRY) as Exports;
  }
}
