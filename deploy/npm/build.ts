/**
 * Builds the npm package into a folder (`npm run build`: dist/package). Modules are compiled to the places that they
 * have in the checkout, so that paths between them, to `package.json` and from `bin/mesh` are the same in both forms.
 * Relies on tsc; it packs nothing and publishes nothing.
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import pjson from "../../package.json" with { type: "json" };

const root = resolve(import.meta.dirname, "../..");

const COPIED = ["bin", "examples", "README.md", "CHANGELOG.md", "LICENSE"];

/** Makes the package in `folder`, which is emptied before. Throws when the compiler finds a fault. */
export function buildPackage(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of COPIED) cpSync(join(root, name), join(folder, name), { recursive: true });
  compile("tsconfig.json", folder);
  compile("tsconfig.types.json", folder);
  const manifest = publishedManifest();
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
  const named = JSON.stringify(manifest).match(/(?<=")\.\/[^"]+(?=")/g) ?? [];
  const missing = named.filter((path) => !existsSync(join(folder, path)));
  if (missing.length > 0) throw new Error(`package.json names what is not built: ${missing.join(", ")}`);
}

function compile(config: string, folder: string): void {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [tsc, "-p", join(import.meta.dirname, config), "--outDir", folder], {
    stdio: "inherit",
  });
}

/** What of the checkout's manifest users of the package need; they bring Node and get no tools. */
function publishedManifest() {
  const { private: _, scripts: __, devDependencies: ___, ...kept } = pjson;
  return {
    ...kept,
    engines: { node: ">=24" },
    files: ["bin", "src", "streams", "examples", "CHANGELOG.md"],
    exports: compiled(pjson.exports),
    optionalDependencies: Object.fromEntries(
      Object.entries(pjson.optionalDependencies).filter(([name]) => !name.startsWith("node-")),
    ),
    oclif: compiled(pjson.oclif),
  };
}

/** The same with every `./….ts` in it named as built: declarations under `types`, modules elsewhere. */
const compiled = (part: object): unknown =>
  JSON.parse(JSON.stringify(part), (key, value: unknown) =>
    typeof value === "string" && value.startsWith("./")
      ? value.replace(/\.ts$/, key === "types" ? ".d.ts" : ".js")
      : value,
  );

if (import.meta.main) {
  const folder = join(root, "dist/package");
  buildPackage(folder);
  console.log(folder);
}
