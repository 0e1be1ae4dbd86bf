/** Where runs land: the ClickHouse that is named, or the engine that the keeper would start. Starts neither. */
import { engineVersion } from "../../keeper/servers/clickhouse.ts";
import { historyVersion, placeOfUrl } from "../../wiring.ts";
import { credentialsIn } from "../credentials.ts";
import { type Finding, ok, warn } from "./finding.ts";
import type { Patient } from "./patient.ts";

/** Nothing of a run depends on it, so nothing here is a failure: what cannot land is kept, and lands later. */
export async function clickHouse(patient: Patient): Promise<readonly Finding[]> {
  // Runs land from root's side; a zone knows no ClickHouse.
  if (["zone", "agent"].includes(credentialsIn(patient.credsFile)?.role ?? "")) return [];
  const url = patient.env["MESH_CLICKHOUSE_URL"];
  if (url) return [await namedServer(url)];
  if (patient.isNamed) {
    const hint =
      "for mesh sql: set MESH_CLICKHOUSE_URL (http://user:password@host:8123) to the one its root uses";
    return [warn("clickhouse", "none is known for this mesh", hint)];
  }
  return [await ownEngine(patient)];
}

async function namedServer(url: string): Promise<Finding> {
  const located = placeOfUrl(url);
  if (!("place" in located)) return warn("clickhouse", located.detail, located.hint);
  try {
    const version = await historyVersion(located.place);
    return ok("clickhouse", `${version} at ${located.place.url}, named by MESH_CLICKHOUSE_URL`);
  } catch (error) {
    return asWarning(error, "check MESH_CLICKHOUSE_URL; runs land there when it answers");
  }
}

async function ownEngine({ keeper }: Patient): Promise<Finding> {
  try {
    const version = await engineVersion();
    const status = await keeper().catch(() => undefined);
    const runs = status?.servers.some(({ name }) => name === "clickhouse") === true;
    const engine = `engine ${version || "given by CHDB_LIBCHDB_PATH"}`;
    return ok("clickhouse", `${engine}, ${runs ? "running" : "starts when somebody needs it"}`);
  } catch (error) {
    return asWarning(error, "set MESH_CLICKHOUSE_URL");
  }
}

function asWarning(error: unknown, otherwise: string): Finding {
  const { detail, hint, message } = error as Error & { detail?: string; hint?: string };
  return warn("clickhouse", detail ?? message, hint || otherwise);
}

export async function landing(patient: Patient): Promise<readonly Finding[]> {
  const isReachable = await patient.survey().then(Boolean, () => false);
  const found = isReachable ? await patient.mesh().catch(() => undefined) : undefined;
  const waiting = found?.unlanded.length ?? 0;
  if (waiting === 0) return [];
  const message =
    waiting === 1 ? "one run has not landed in ClickHouse yet" : `${waiting} runs have not landed yet`;
  return [
    warn(
      "landing",
      message,
      'a root lands them; with embedded servers so does any question: mesh sql "SHOW TABLES"',
    ),
  ];
}
