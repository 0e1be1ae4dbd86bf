/**
 * Makes `import http from "loadmesh"` mean `http` everywhere. In a package of type "module" rolldown takes the whole of a
 * CommonJS module for its default, as Node does; `loadmesh` has one of its own, so that is asked for. Columns stay.
 */

/** The code of a chunk, in which the default of `loadmesh` is its `default`. */
export function withOwnDefault(code: string): string {
  const [, name] = /^(?:let|const|var) ([\w$]+) = require\("loadmesh"\);$/m.exec(code) ?? [];
  if (name === undefined) return code;
  return code.replace(`${name} = __toESM(${name}, 1);`, () => `${name} = __toESM(${name}   );`);
}
