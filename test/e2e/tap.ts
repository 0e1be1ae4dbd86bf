/** A wiretap: what is said in a mesh, as kinds of subject. */
import type { NatsConnection } from "@nats-io/transport-node";
import { subjectKind } from "../../streams/subjects.ts";

/** Listens to everything of ours; returns what was heard when asked. */
export async function tap(connection: NatsConnection): Promise<() => ReadonlySet<string>> {
  const heard = new Set<string>();
  connection.subscribe("mesh.>", { callback: (_, { subject }) => void heard.add(subject) });
  await connection.flush();
  return () => heard;
}

/** Root writes down that there is a zone when it first hears it: before we listen where the zones were up before. */
const MESH_LOG = "mesh.r.mesh.event.*";

/** Kinds of these subjects, sorted; a subject outside of the grammar stands for itself, and fails the test. */
export const kinds = (subjects: ReadonlySet<string>): readonly string[] =>
  [...new Set([...subjects].map((subject) => subjectKind(subject) ?? `unknown: ${subject}`))]
    .filter((kind) => kind !== MESH_LOG)
    .sort();

/** What is heard of one whole run, wherever its mesh is. */
export const kindsOfOneServer: readonly string[] = [
  "mesh.r.cmd.*.*",
  "mesh.r.pulse",
  "mesh.r.run.*.event.*",
  "mesh.r.run.*.interval",
  "mesh.z.*.agent.*.beat",
  "mesh.z.*.agent.*.cmd.*.*",
  "mesh.z.*.agent.*.interval.*",
  "mesh.z.*.agent.*.report.*",
  "mesh.z.*.agent.*.through.*",
  "mesh.z.*.beat",
  "mesh.z.*.cmd.*.*",
  "mesh.z.*.event.*",
  "mesh.z.*.interval.*",
  "mesh.z.*.pulse",
  "mesh.z.*.sync.*.*.arrive.*",
  "mesh.z.*.sync.*.*.once",
  "mesh.z.*.sync.*.*.release",
  "mesh.z.*.through.*",
  "mesh.z.*.up.event.*",
  "mesh.z.*.up.interval.*",
];
