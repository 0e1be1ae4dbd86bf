/** A zone's own server: whether it is that of this zone, how its link to the server above is, and both clocks. */
import { NATS_SERVER_MINIMUM } from "../../../streams/version.ts";
import { isNewEnough, parseVersion } from "../../domain/program-version.ts";
import type { LinkProbe } from "../../wiring.ts";
import { credentialsIn } from "../credentials.ts";
import { wrongAbove } from "../trust/look-above.ts";
import { fail, type Finding, ok, warn } from "./finding.ts";
import { judgeZoneClock } from "./judge.ts";
import type { Patient } from "./patient.ts";

export async function zoneName(patient: Patient): Promise<readonly Finding[]> {
  const survey = await patient.survey().catch(() => undefined);
  const own = credentialsIn(patient.credsFile);
  if (survey?.zone === undefined) return [];
  if (own?.zone === undefined || own.zone === survey.zone) {
    return [ok("zone", `this is the server of zone ${survey.zone}`)];
  }
  const message = `this is the server of zone ${survey.zone}, and the credentials are those of zone ${own.zone}`;
  const hint = `name the server of zone ${own.zone} with --nats, or the credentials of zone ${survey.zone} with --creds`;
  return [fail("zone", message, hint)];
}

export async function link(patient: Patient): Promise<readonly Finding[]> {
  // Whoever cannot be asked at all has been told of by then.
  const probe = await patient.probe().catch(() => undefined);
  const survey = await patient.survey().catch(() => undefined);
  if (probe?.link === undefined) return [];
  const { clock } = probe.link;
  const clocks =
    clock === undefined || survey?.clock === undefined
      ? []
      : [judgeZoneClock(survey.clock.offsetMs - clock.offsetMs, survey.clock.errorMs + clock.errorMs)];
  return [judgeLink(probe.link, await wrongAbove(HERE, probe.link.isUp)), ...clocks];
}

/** The command's own folder, where it is that of a zone. */
const HERE = ".";

/** `wrong`: what a look at the server above found. */
export function judgeLink({ isUp, refusal, rttMs, version }: LinkProbe, wrong?: string): Finding {
  const name = "link";
  if (wrong !== undefined) return fail(name, wrong, "when that is mended, look again: mesh doctor");
  if (!isUp) {
    const hint =
      "look at the log of this zone's server: it says whether it cannot reach the hub, or is refused (mesh zone rotate makes new credentials)";
    return fail(name, "nobody above answers: the link is down", hint);
  }
  const parsed = version === undefined ? undefined : parseVersion(version);
  if (parsed !== undefined && !isNewEnough(parsed)) {
    const message = `the server above is version ${version}; Mesh needs ${NATS_SERVER_MINIMUM} or newer`;
    return fail(name, message, "upgrade it: an older one lets a zone do more than it may");
  }
  const fact = `up, the server above answers in ${rttMs.toFixed(1)} ms`;
  if (refusal !== undefined) {
    const hint = "start a root at the hub (mesh root), and this zone here; then look again";
    return warn(name, `${fact}, and does not know this zone yet: ${refusal}`, hint);
  }
  return ok(name, version === undefined ? fact : `${fact}: nats-server ${version}`);
}
