/** `mesh zone rotate` and `mesh zone revoke`, `mesh hub rotate`, `mesh hub revoke` and `mesh hub door`. */
import { join, relative } from "node:path";
import { type Delivered, isRunning } from "../../trust/deliver.ts";
import { type Folder, hasFacts, readFolder } from "../../trust/folder.ts";
import { hasZone } from "../../trust/link.ts";
import { folderOf, type Renewal, renewLink, renewUsers, revokeLink, revokeUser } from "../../trust/renew.ts";
import { issue, issuedIn } from "../../trust/users.ts";
import { TOKEN } from "../../../streams/schema/ids.ts";
import { exitCode, Failure } from "../exit-codes.ts";
import { shellWord } from "../shell-word.ts";
import { tellRevoked } from "../zones/revoked.ts";
import { expiryOf, type UpperEnd, upperFolder, usage } from "./choices.ts";
import { type Done, doneWith } from "./done.ts";
import { whileLocked } from "./locked.ts";

interface Ends extends UpperEnd {
  readonly dir?: string | undefined;
}

export interface RotateFlags extends Ends {
  readonly expires?: string | undefined;
  readonly revoke: boolean;
}

export async function zoneRotate(zone: string, flags: RotateFlags): Promise<Done> {
  const renewal = { expiresAtS: expiryOf(flags.expires), revoke: flags.revoke };
  return withEnds(zone, flags, (ends) => rotate(zone, ends, renewal));
}

async function rotate(zone: string, { copy, parent, zone: own }: BothEnds, renewal: Renewal): Promise<Done> {
  const { revoke } = renewal;
  const left = copy === undefined ? [] : [leftAlone(copy)];
  if (revoke && parent !== undefined && own === undefined) {
    const why = `zone ${zone} would be cut off: nobody brings the new credentials of the link to its server`;
    throw usage(
      [why, ...left].join("; "),
      `name its folder with --dir DIR, or do without --revoke and carry them; its end is mesh zone revoke ${zone}`,
    );
  }
  const lines = left;
  const wrote: string[] = [];
  if (own !== undefined) {
    const { delivered, files } = await renewUsers(own, renewal);
    wrote.push(...files);
    lines.push(...files.map(written), old(revoke, delivered, "the coordinator and the agents"));
  }
  if (parent !== undefined) {
    const { delivered, files } = await renewLink(parent, zone, own, renewal);
    wrote.push(...files);
    lines.push(...files.map(written), old(revoke, delivered, "the link"));
    if (own === undefined) lines.push("carry it into the zone's folder as creds/leaf.creds");
  } else lines.push("the link keeps its credentials: name the hub's folder with --hub to renew those, too");
  return doneWith(lines, wrote);
}

const leftAlone = (copy: string): string =>
  `${copy} was left alone: no server of its own answers, so it may be a copy of what was carried away; --dir names it`;

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

export function zoneRevoke(zone: string, flags: RevokeFlags): Promise<Done> {
  const { agent } = flags;
  return agent === undefined ? revokeLinkOf(zone, flags) : revokeAgent(zone, agent, flags);
}

const revokeAgent = (zone: string, agent: string, flags: Ends): Promise<Done> =>
  withEnds(zone, flags, async ({ copy, zone: own }) => {
    if (own !== undefined) {
      const delivered = await revokeUser(own, `agent-${agent}`);
      return doneWith([ended(`the credentials of agent ${agent}`, delivered)], []);
    }
    const why = copy === undefined ? "" : `; ${leftAlone(copy)}`;
    throw usage(
      `the agents of zone ${zone} have their credentials from its own folder${why}`,
      "name it with --dir DIR",
    );
  });

async function revokeLinkOf(zone: string, flags: Ends): Promise<Done> {
  const parent = parentOf(zone, flags);
  if (parent === undefined) {
    throw usage(`the link of zone ${zone} is cut where it ends`, "name the hub's folder with --hub DIR");
  }
  const delivered = await whileLocked([parent.path], () => revokeLink(readFolder(parent.path), zone));
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

interface BothEnds {
  readonly parent: Folder | undefined;
  readonly zone: Folder | undefined;
  /** A folder of the zone that nobody named, and whose server does not run: the zone may live elsewhere. */
  readonly copy: string | undefined;
}

/** The folders of both ends, as they are while nobody else changes them. */
async function withEnds<A>(zone: string, ends: Ends, work: (both: BothEnds) => Promise<A>): Promise<A> {
  const { copy, parent, zone: own } = await endsOf(zone, ends);
  const paths = [parent, own].flatMap((each) => each?.path ?? []);
  const again = (folder: Folder | undefined) => (folder === undefined ? undefined : readFolder(folder.path));
  return whileLocked(paths, () => work({ copy, parent: again(parent), zone: again(own) }));
}

/** The folders of both ends, as far as they are named or lie here. */
async function endsOf(zone: string, ends: Ends): Promise<BothEnds> {
  const parent = parentOf(zone, ends);
  if (ends.dir !== undefined) return { parent, zone: namedFolder(zone, ends.dir), copy: undefined };
  const found = foundFolders(parent, zone);
  for (const each of found) if (await isRunning(each)) return { parent, zone: each, copy: undefined };
  const copy = found[0]?.path;
  if (parent !== undefined) return { parent, zone: undefined, copy };
  throw usage(
    copy === undefined ? `neither the hub's folder nor that of zone ${zone} is here` : leftAlone(copy),
    "name them: --hub DIR, --dir DIR (one of them is enough for its own end)",
  );
}

function parentOf(zone: string, ends: Ends): Folder | undefined {
  const above = upperFolder(ends) ?? (hasFacts(".") && hasZone(readFolder("."), zone) ? "." : undefined);
  return above === undefined ? undefined : readFolder(above);
}

function namedFolder(zone: string, dir: string): Folder {
  const folder = readFolder(dir);
  if (folder.facts.kind === "zone" && folder.facts.name === zone) return folder;
  throw usage(`${dir} is not the folder of zone ${zone}`, "name the zone's folder with --dir DIR");
}

/** Where the zone may be: where it was made, or here. It may have been carried away since, and left a copy. */
function foundFolders(parent: Folder | undefined, zone: string): readonly Folder[] {
  const made = parent === undefined ? undefined : folderOf(parent, zone);
  const paths = [...(made === undefined ? [] : [made]), `zone-${zone}`, "."].filter((path) =>
    isZone(path, zone),
  );
  return paths.map((path) => readFolder(path));
}

const isZone = (path: string, zone: string): boolean => {
  if (!hasFacts(path)) return false;
  const { kind, name } = readFolder(path).facts;
  return kind === "zone" && name === zone;
};

export async function hubRotate(dir: string, flags: Omit<RotateFlags, keyof Ends>): Promise<Done> {
  const renewal = { expiresAtS: expiryOf(flags.expires), revoke: flags.revoke };
  const { delivered, files } = await withHub(dir, (hub) => renewUsers(hub, renewal));
  return doneWith([...files.map(written), old(flags.revoke, delivered, "root, doors and watchers")], files);
}

export async function hubRevoke(dir: string, name: string): Promise<Done> {
  const delivered = await withHub(dir, (hub) => revokeUser(hub, name));
  return doneWith([ended(`the credentials of ${name}`, delivered)], []);
}

/** One more person, or program, that may ask for runs. */
export async function hubDoor(dir: string, name: string, expires: string | undefined): Promise<Done> {
  if (!TOKEN.test(`door-${name}`)) {
    throw usage(`${JSON.stringify(name)} cannot be the name of a door`, "use letters, digits, - and _");
  }
  const user = { name: `door-${name}`, role: "door", expiresAtS: expiryOf(expires) } as const;
  const wrote = await withHub(dir, async (hub) => {
    // One name has one file: `mesh hub rotate` renews no other.
    const file = issuedIn(hub)[user.name]?.file ?? `creds/${user.name}.creds`;
    await issue(hub, user, file);
    return join(hub.path, file);
  });
  const shown = relative(process.cwd(), wrote);
  const said = `wrote ${shown}: mesh run script.ts --creds ${shellWord(shown)}`;
  return doneWith([said], [wrote]);
}

/** A hub's folder as it is while nobody else changes it. */
function withHub<A>(dir: string, work: (hub: Folder) => Promise<A>): Promise<A> {
  const { path } = hubFolder(dir);
  return whileLocked([path], () => work(hubFolder(path)));
}

function hubFolder(dir: string): Folder {
  const folder = readFolder(dir);
  if (folder.facts.kind === "hub") return folder;
  throw usage(`${dir} is the folder of zone ${folder.facts.name}, not of a hub`, "name the hub's folder");
}
