/** The form of `mesh.config.ts`. Types and one function that only lends them; nothing here is loaded in a worker. */

/** Settings of the `mesh` command for a folder. Flags and `MESH_…` variables win over them. */
export interface MeshConfig {
  /** NATS server of a running mesh: `nats://host:port`. Without it and `context`, the embedded servers. */
  readonly nats?: string;
  /** A NATS context by name, as the `nats` command keeps them. */
  readonly context?: string;
  /** Credentials for the server: a `.creds` file or an NKey seed file; by role, `door` being every other command. */
  readonly creds?: string | Readonly<Partial<Record<"root" | "zone" | "agent" | "door", string>>>;
  /** PEM files, where the server shows a certificate of your own authority, or asks for one. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  /** The zone above the one whose folder this is, for `mesh zone`. */
  readonly parent?: string;
  /** Zones that share the load, with their weights. */
  readonly zones?: string | Readonly<Record<string, number>>;
  /** Agents in all. */
  readonly agents?: number;
  /** Values for `__ENV`. `--env` adds to them. */
  readonly env?: Readonly<Record<string, string>>;
  /** What runs from here are called in lists and in SQL. `--label` adds to them. */
  readonly labels?: Readonly<Record<string, string>>;
  /** How the end of a run is told: `mesh run --help` lists the names. */
  readonly reporter?: string | readonly string[];
  /** Whether runs land in ClickHouse. */
  readonly history?: boolean;
}

/** Returns its argument: it is there for the editor. */
export const defineConfig = (config: MeshConfig): MeshConfig => config;
