/** The NATS server of the mesh, when there is one to look at: what it is, its clock, and who works there. */
import { PROTOCOL } from "../../../streams/version.ts";
import { printable } from "../../domain/printable.ts";
import { shownUrl } from "../../domain/server-url.ts";
import type { ZoneWords } from "../../roles/door/mesh-zones.ts";
import type { Survey } from "../../wiring.ts";
import { credentialsIn } from "../credentials.ts";
import { fail, failureOf, type Finding, ok, warn } from "./finding.ts";
import { judgeClock, judgePayload, judgeStorage } from "./judge.ts";
import type { Mesh, Patient } from "./patient.ts";

export async function broker(patient: Patient): Promise<readonly Finding[]> {
  const place = await patient.broker().catch(() => undefined);
  if (place === undefined) return [];
  try {
    const survey = await patient.survey();
    return survey === undefined
      ? []
      : surveyed(shownUrl(place.url), survey, credentialsIn(patient.credsFile)?.role);
  } catch (error) {
    return [failureOf("broker", error, "check the address, and what this login may ask")];
  }
}

/** `role`: of the login; agents have no business with what is stored. */
function surveyed(url: string, survey: Survey, role: string | undefined): readonly Finding[] {
  const { maxPayloadBytes, rttMs, storage, version } = survey;
  const level = storage === undefined ? "" : `, JetStream API level ${storage.apiLevel}`;
  const payload = judgePayload(maxPayloadBytes);
  return [
    ok("broker", `${url} answers in ${rttMs.toFixed(1)} ms: nats-server ${version}${level}`),
    ...(payload === undefined ? [] : [payload]),
    ...(storage === undefined && role === "agent" ? [] : [stored(storage)]),
    assets(survey),
  ];
}

const stored = (storage: Survey["storage"]): Finding =>
  storage === undefined
    ? warn("storage", "this login may not ask what is stored", "allow it to publish to $JS.API.INFO")
    : judgeStorage(storage.fileBytes, storage.fileLimitBytes);

/** A server that ignored a setting, or another version of mesh, shows here: what it keeps is not what was asked for. */
function assets({ assets: { different, hidden, missing, present }, zone }: Survey): Finding {
  const name = "streams";
  const whose = zone === undefined ? "a hub" : `zone ${zone}`;
  const maker = zone === undefined ? "root" : "coordinator";
  const next = zone === undefined ? "mesh root" : `mesh zone ${zone}`;
  const [first] = different;
  if (first !== undefined) {
    const more = different.length > 1 ? ` (and ${different.length - 1} more)` : "";
    return warn(
      name,
      `not as this version defines them: ${first}${more}`,
      `the next ${maker} mends it: ${next}`,
    );
  }
  if (present === 0 && missing === 0) return ok(name, "this login may not ask about them");
  if (present === 0) return ok(name, `none yet; the first ${maker} makes them`);
  const some = `${present} of ${present + missing}`;
  return missing === 0
    ? ok(
        name,
        `${hidden === 0 ? "all " : ""}${present} of ${whose} are there, with every setting that mesh relies on`,
      )
    : warn(name, `${some} of ${whose} are there`, `the next ${maker} makes the others: ${next}`);
}

export async function clock(patient: Patient): Promise<readonly Finding[]> {
  // Whoever cannot be asked at all has been told of by then.
  const survey = await patient.survey().catch(() => undefined);
  if (survey === undefined) return [];
  if (survey.clock === undefined) return [ok("clock", "not measured: nothing is stored at the broker yet")];
  return [judgeClock(survey.clock.offsetMs, survey.clock.errorMs)];
}

export async function mesh(patient: Patient): Promise<readonly Finding[]> {
  // As with the clock: whoever cannot be asked has been told of.
  const survey = await patient.survey().catch(() => undefined);
  const found = survey && (await patient.mesh());
  if (found === undefined) return [];
  const { isNamed } = patient;
  const nowUs = (Date.now() + (survey?.clock?.offsetMs ?? 0)) * 1000;
  const up = found.zones.filter(({ heardAt }) => nowUs - heardAt < SILENT_US);
  return [leader(found, isNamed), ...zones(up, isNamed), runs(found)];
}

/** Zones speak twice a second; their last words stay for ten. */
const SILENT_US = 3_000_000;

/** A command with servers of its own brings its root along; nobody else's root can be started from here. */
function leader({ root }: Mesh, isNamed: boolean): Finding {
  if (root !== null)
    return ok("root", `${root.name} leads${root.epoch === null ? "" : `, epoch ${root.epoch}`}`);
  if (!isNamed) return ok("root", "none leads; mesh run brings one along");
  return fail("root", "none leads: nobody takes up a run", "start one: mesh root --nats …");
}

function zones(up: readonly ZoneWords[], isNamed: boolean): readonly Finding[] {
  if (up.length > 0) return up.map(zoneFinding);
  if (!isNamed) return [ok("zones", "none is up; mesh run brings them along")];
  return [
    warn(
      "zones",
      "none is up: a run has no agents",
      "start them: mesh zone eu --nats …, mesh agent --zone eu --nats …",
    ),
  ];
}

function zoneFinding({ agents, program, protocol, zone }: ZoneWords): Finding {
  const count = agents.length === 1 ? "one agent" : `${agents.length} agents`;
  const message = `${zone}: ${count}, ${printable(program)}, protocol ${protocol}`;
  if (protocol !== PROTOCOL) {
    return fail(
      "zone",
      `${message}; this is protocol ${PROTOCOL}`,
      "use the same version of mesh on all machines",
    );
  }
  return agents.length > 0
    ? ok("zone", message)
    : warn("zone", message, `start agents there: mesh agent --zone ${zone}`);
}

const runs = ({ runs: open }: Mesh): Finding =>
  ok("runs", open.length === 0 ? "none is open" : open.map(({ run, state }) => `${run} ${state}`).join(", "));
