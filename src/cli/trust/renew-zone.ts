/** `mesh zone rotate` and `mesh zone revoke`, `mesh hub rotate`, `mesh hub revoke` and `mesh hub door`. */
import { join, relative } from "node:path";
import type { Delivered } from "../../trust/deliver.ts";
import { type Folder, hasFacts, readFolder } from "../../trust/folder.ts";
import { hasZone } from "../../trust/link.ts";
import { folderOf, renewLink, renewUsers, revokeLink, revokeUser } from "../../trust/renew.ts";
import { issue } from "../../trust/users.ts";
import { TOKEN } from "../../../streams/schema/ids.ts";
import { exitCode, Failure } from "../exit-codes.ts";
import { shellWord } from "../shell-word.ts";
import { tellRevoked } from "../zones/revoked.ts";
import { expiryOf, type UpperEnd, upperFolder, usage } from "./choices.ts";
import { type Done, doneWith } from "./done.ts";

interface Ends extends UpperEnd {
  readonly dir?: string | undefined;
}

export interface RotateFlags extends Ends {
  readonly expires?: string | undefined;
  readonly revoke: boolean;
}

export async function zoneRotate(zone: string, flags: RotateFlags): Promise<Done> {
  const { parent, zone: own } = endsOf(zone, flags);
  const renewal = { expiresAtS: expiryOf(flags.expires), revoke: flags.revoke };
  const lines: string[] = [];
  const wrote: string[] = [];
  if (own !== undefined) {
    const { delivered, files } = await renewUsers(own, renewal);
    wrote.push(...files);
    lines.push(...files.map(written), old(flags.revoke, delivered, "the coordinator and the agents"));
  }
  if (parent !== undefined) {
    const { delivered, files } = await renewLink(parent, zone, own, renewal);
    wrote.push(...files);
    lines.push(...files.map(written), old(flags.revoke, delivered, "the link"));
    if (own === undefined) lines.push("carry it into the zone's folder as creds/leaf.creds");
  } else lines.push("the link keeps its credentials: name the hub's folder with --hub to renew those, too");
  return doneWith(lines, wrote);
}

const written = (file: string): string => `wrote ${relative(process.cwd(), file) || file}`;

function old(revoke: boolean, delivered: Delivered, whose: string): string {
  if (revoke && delivered === "silent") throw unheard(`the old credentials of ${whose}`);
  if (!revoke) return `${whose}: the old credentials stay good until they expire or are revoked (--revoke)`;
  return delivered === "running"
    ? `${whose}: the old credentials were cut off; whoever used them connects anew by itself`
    : `${whose}: the server does not run; the old credentials end when it starts`;
}

export interface RevokeFlags extends Ends {
  readonly agent?: string | undefined;
}

export async function zoneRevoke(zone: string, flags: RevokeFlags): Promise<Done> {
  const { parent, zone: own } = endsOf(zone, flags);
  const { agent } = flags;
  if (agent !== undefined) {
    if (own === undefined) {
      throw usage(
        `the agents of zone ${zone} have their credentials from its own folder`,
        "name it with --dir DIR",
      );
    }
    return doneWith(
      [ended(`the credentials of agent ${agent}`, await revokeUser(own, `agent-${agent}`))],
      [],
    );
  }
  if (parent === undefined) {
    throw usage(`the link of zone ${zone} is cut where it ends`, "name the hub's folder with --hub DIR");
  }
  const delivered = await revokeLink(parent, zone);
  const said = ended(`the credentials of the link of zone ${zone}`, delivered);
  // Inner zones are known to the zone above, not to root.
  const isKnown = delivered === "running" && parent.facts.kind === "hub";
  const logged = isKnown ? [await tellRevoked(parent.path, zone)] : [];
  const renew = `new ones: mesh zone rotate ${zone} --hub ${shellWord(parent.path)}`;
  return doneWith([said, ...logged, renew], []);
}

/** Somebody who must not get in any more may still be in: that is no success. */
const unheard = (what: string): Failure =>
  new Failure(
    exitCode.unreachable,
    "Unheard",
    `${what} are written down as revoked, but the server gave no answer: if it runs, it still lets them in`,
    "do it again when it answers; mesh server says where it listens",
  );

function ended(what: string, delivered: Delivered): string {
  if (delivered === "silent") throw unheard(what);
  return delivered === "running"
    ? `${what} are revoked: whoever used them is cut off`
    : `${what} are revoked from the next start of the server on: it does not answer now`;
}

/** The folders of both ends, as far as they are named or lie here. */
function endsOf(zone: string, { dir, ...ends }: Ends) {
  const above = upperFolder(ends) ?? (hasFacts(".") && hasZone(readFolder("."), zone) ? "." : undefined);
  const upper = above === undefined ? undefined : readFolder(above);
  const remembered = upper === undefined || dir !== undefined ? undefined : folderOf(upper, zone);
  const found = dir ?? remembered ?? [`zone-${zone}`, "."].find((path) => isZone(path, zone));
  const own = found === undefined ? undefined : readFolder(found);
  if (own !== undefined && (own.facts.kind !== "zone" || own.facts.name !== zone)) {
    throw usage(`${found} is not the folder of zone ${zone}`, "name the zone's folder with --dir DIR");
  }
  if (upper === undefined && own === undefined) {
    throw usage(
      `neither the hub's folder nor that of zone ${zone} is here`,
      "name them: --hub DIR, --dir DIR (one of them is enough for its own end)",
    );
  }
  return { parent: upper, zone: own };
}

const isZone = (path: string, zone: string): boolean => {
  if (!hasFacts(path)) return false;
  const { kind, name } = readFolder(path).facts;
  return kind === "zone" && name === zone;
};

export async function hubRotate(dir: string, flags: Omit<RotateFlags, keyof Ends>): Promise<Done> {
  const renewal = { expiresAtS: expiryOf(flags.expires), revoke: flags.revoke };
  const { delivered, files } = await renewUsers(hubFolder(dir), renewal);
  return doneWith([...files.map(written), old(flags.revoke, delivered, "root, doors and watchers")], files);
}

export async function hubRevoke(dir: string, name: string): Promise<Done> {
  return doneWith([ended(`the credentials of ${name}`, await revokeUser(hubFolder(dir), name))], []);
}

/** One more person, or program, that may ask for runs. */
export async function hubDoor(dir: string, name: string, expires: string | undefined): Promise<Done> {
  if (!TOKEN.test(`door-${name}`)) {
    throw usage(`${JSON.stringify(name)} cannot be the name of a door`, "use letters, digits, - and _");
  }
  const file = `creds/door-${name}.creds`;
  const user = { name: `door-${name}`, role: "door", expiresAtS: expiryOf(expires) } as const;
  const folder = hubFolder(dir);
  await issue(folder, user, file);
  const shown = relative(process.cwd(), join(folder.path, file));
  const said = `wrote ${shown}: mesh run script.ts --creds ${shellWord(shown)}`;
  return doneWith([said], [join(folder.path, file)]);
}

function hubFolder(dir: string): Folder {
  const folder = readFolder(dir);
  if (folder.facts.kind === "hub") return folder;
  throw usage(`${dir} is the folder of zone ${folder.facts.name}, not of a hub`, "name the hub's folder");
}
