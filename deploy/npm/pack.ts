/**
 * Packs the npm package (`npm run pack`: dist/loadmesh-<version>.tgz) as `npm publish` would send it, and says how large
 * it is. Relies on npm; it publishes nothing.
 */
import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";
import { buildPackage } from "./build.ts";

export interface Packed {
  /** Path of the tarball. */
  readonly tarball: string;
  readonly packedBytes: number;
  readonly unpackedBytes: number;
  /** Paths inside of the package. */
  readonly files: readonly string[];
}

interface NpmPacked {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

/** Builds in `<folder>/package`, and packs into `folder`. */
export function packPackage(folder: string): Packed {
  const built = join(folder, "package");
  buildPackage(built);
  const said = execFileSync("npm", ["pack", built, "--json", "--pack-destination", folder], {
    encoding: "utf8",
    maxBuffer: 16 * 1024 * 1024,
  });
  const [packed] = JSON.parse(said) as [NpmPacked];
  return {
    tarball: join(folder, packed.filename),
    packedBytes: packed.size,
    unpackedBytes: packed.unpackedSize,
    files: packed.files.map(({ path }) => path),
  };
}

if (import.meta.main) {
  const { tarball, packedBytes, unpackedBytes, files } = packPackage(
    resolve(import.meta.dirname, "../../dist"),
  );
  const kB = (bytes: number): string => `${Math.round(bytes / 1000)} kB`;
  console.log(tarball);
  console.log(`${kB(packedBytes)} packed, ${kB(unpackedBytes)} unpacked, ${files.length} files`);
}
