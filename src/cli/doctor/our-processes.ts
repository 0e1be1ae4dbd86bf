/** Which processes are ours by what they were started as, and which of them have lost their parent. Pure. */

export type Kind = "command" | "role" | "worker" | "keeper" | "guard" | "nats-server" | "clickhouse";

export interface SeenProcess {
  readonly pid: number;
  readonly parent: number;
  /** Undefined for what is not ours. */
  readonly kind: Kind | undefined;
  /** It takes the children of those that end. */
  readonly adopts: boolean;
  /** Its MESH_HOME, where that is known. */
  readonly home: string | undefined;
}

export type Orphan = SeenProcess & { readonly kind: Kind };

/** Commands, keepers and roles that a person started may outlive whatever started them. */
const ENDS_WITH_PARENT: ReadonlySet<Kind> = new Set(["role", "worker", "guard", "nats-server", "clickhouse"]);

/** `hasParentPipe`: a command started it, and it must end with that. */
export function kindOf(args: readonly string[], hasParentPipe: boolean): Kind | undefined {
  const [program = "", script = "", ...rest] = args;
  if (rest[1] === "mesh-guard") return "guard";
  if (/(^|\/)nats-server$/.test(program))
    return (rest[0] ?? "").endsWith("/nats/server.conf") ? "nats-server" : undefined;
  const entry = [script, ...rest].find((word) => /\.[jt]s$/.test(word)) ?? "";
  if (/\/keeper\/servers\/clickhouse-main\.[jt]s$/.test(entry)) return "clickhouse";
  if (/\/keeper\/main\.[jt]s$/.test(entry)) return "keeper";
  if (/\/engine\/(worker|inspect)-main\.[jt]s$/.test(entry)) return "worker";
  if (/\/cli\/main\.[jt]s$/.test(entry)) return hasParentPipe ? "role" : "command";
  return undefined;
}

/** The first process of a machine or container, and what plays its part below it. */
export const isAdopter = (pid: number, [program = ""]: readonly string[]): boolean =>
  pid === 1 || /(^|\/)(systemd|init|tini|dumb-init|docker-init|catatonit)$/.test(program);

export function orphansAmong(all: readonly SeenProcess[]): readonly Orphan[] {
  const byPid = new Map(all.map((each) => [each.pid, each]));
  return all.flatMap((each) => {
    const { kind, parent } = each;
    if (kind === undefined || !ENDS_WITH_PARENT.has(kind)) return [];
    const above = byPid.get(parent);
    return above === undefined || above.adopts ? [{ ...each, kind }] : [];
  });
}
