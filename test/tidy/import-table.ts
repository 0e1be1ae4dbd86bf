/**
 * Who may import what (design section 11), as data. The longest matching path decides. A folder may always import
 * from itself; everything else must be listed. Changing a line here is a decision about the shape of the program:
 * say why in ARCHITECTURE.md.
 */

export interface ImportRule {
  /** Paths, from the root of the checkout, whose files may be imported. */
  readonly from: readonly string[];
  /** The same, but only by `import type`. */
  readonly types?: readonly string[];
  /** npm packages; `@scope/` allows a whole scope. */
  readonly packages: readonly string[];
  readonly typePackages?: readonly string[];
  /** Node's own modules: all of them, or these. */
  readonly node: "any" | readonly string[];
}

/** The adapters: how the world is reached. They never import each other. */
export const adapters = ["src/nats", "src/clickhouse", "src/keeper", "src/trust"] as const;

const meaning = ["streams", "src/domain"];

export const importTable: Readonly<Record<string, ImportRule>> = {
  streams: { from: [], packages: ["effect"], typePackages: ["@nats-io/jetstream"], node: [] },
  "streams/generate.ts": { from: ["streams"], packages: [], node: ["node:fs"] },

  "src/domain": { from: ["streams"], packages: [], node: [] },
  "src/domain/metric": { from: meaning, packages: [], node: ["node:crypto"] },
  /** Bodies are checked against their schemas here, and nowhere else in the domain. */
  "src/domain/log": { from: meaning, packages: ["effect"], node: ["node:crypto"] },
  /** What an owner approved is told from what only has its name. */
  "src/domain/guard": { from: meaning, packages: [], node: ["node:crypto"] },
  "src/domain/summary": { from: meaning, packages: [], node: ["node:crypto"] },

  "src/ports": { from: meaning, packages: ["effect"], node: [] },
  "src/roles": { from: [...meaning, "src/ports"], packages: ["effect"], node: [] },

  /** Every starter of processes asks it, whatever layer it is in. */
  "src/entry-file.ts": { from: [], packages: [], node: ["node:path", "node:url"] },

  "src/script": { from: meaning, packages: ["undici"], node: "any" },
  /** What workers take and give is described once, where agents see it; the engine is one way to provide it. */
  "src/engine": {
    from: [...meaning, "src/script", "src/entry-file.ts"],
    types: ["src/ports"],
    packages: ["undici"],
    node: "any",
  },
  /** Of the engine only the entries that it starts as processes. */
  "src/bundle": {
    from: ["src/domain", "src/entry-file.ts", "src/engine/inspect-main.ts", "src/engine/worker-main.ts"],
    types: ["streams"],
    packages: ["rolldown"],
    node: "any",
  },

  "src/nats": { from: [...meaning, "src/ports"], packages: ["effect", "@nats-io/"], node: "any" },
  "src/clickhouse": {
    from: [...meaning, "src/ports"],
    packages: ["effect", "@clickhouse/client", "chdb"],
    node: "any",
  },
  "src/keeper": {
    from: [...meaning, "src/entry-file.ts"],
    packages: ["@nats-io/nkeys", "chdb", "ffi-rs"],
    node: "any",
  },

  /** Keys, JWTs, certificates, and the configuration of servers that believe them. */
  "src/trust": {
    from: meaning,
    packages: [
      "@nats-io/jwt",
      "@nats-io/nkeys",
      "@nats-io/nats-core",
      "@nats-io/transport-node",
      "@peculiar/x509",
      "reflect-metadata",
    ],
    node: "any",
  },

  "src/wiring.ts": {
    from: [...meaning, "src/ports", "src/roles", "src/engine", "src/bundle", ...adapters],
    packages: ["effect"],
    node: "any",
  },
  "src/cli": {
    from: [
      ...meaning,
      "src/wiring.ts",
      "src/roles",
      "src/bundle",
      "src/keeper",
      "src/trust",
      "src/entry-file.ts",
      "package.json",
    ],
    // Of what scripts import only the form of mesh.config.ts.
    types: ["src/ports", "src/script/config.ts"],
    packages: ["effect", "@oclif/core"],
    node: "any",
  },
  /** Texts of the files that `mesh init` writes: those import it, nothing here does. */
  "src/cli/init/templates.ts": { from: ["src/cli/init"], packages: ["loadmesh"], node: [] },
};

/** Folders from which `effect` may not even be reached at run time: workers and short commands must start fast. */
export const withoutEffect = ["src/engine", "src/script", "src/bundle", "src/keeper"] as const;

/** Names that say nothing about what is inside. */
export const emptyNames = ["utils", "util", "helpers", "common", "misc", "manager", "lib", "core"] as const;
