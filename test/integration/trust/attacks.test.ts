/**
 * Attacks by real connections, each with the credentials of one place, on everything elsewhere. What counts is not what
 * the attacker is told but what the servers hold afterwards, and what anybody heard.
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { subjects } from "../../../streams/subjects.ts";
import type { TrustedMesh, TrustedServer } from "../../support/trusted-mesh.ts";
import { type Attack, againstOwnZone, eavesdropping, elsewhere } from "./attack-table.ts";
import { type Attacker, clientOf, type Hand, leafOf } from "./attackers.ts";
import { type Held, type Witness, witnessOf } from "./evidence.ts";
import { hostileServer } from "./hostile-server.ts";
import { readCredentials } from "../../../src/domain/credentials.ts";
import { inhabited, SECRET, talk } from "./inhabited.ts";

type Place = "hub" | "a" | "b";

let mesh: TrustedMesh;
let places: Readonly<Record<Place, TrustedServer>>;
let witnesses: Readonly<Record<Place, Witness>>;

beforeAll(async () => {
  mesh = await inhabited();
  const { a, b } = mesh.zones;
  places = { hub: mesh.hub, a: a!, b: b! };
  witnesses = {
    hub: await witnessOf(places.hub),
    a: await witnessOf(places.a),
    b: await witnessOf(places.b),
  };
});

afterAll(async () => {
  for (const witness of Object.values(witnesses ?? {})) await witness[Symbol.asyncDispose]();
  await mesh?.[Symbol.asyncDispose]();
});

interface Outcome {
  readonly attack: string;
  /** How it got through, if it did. */
  readonly through: readonly string[];
  /** The attacker was told. */
  readonly refused: boolean;
  /** A server's log names the subject. */
  readonly noticed: boolean;
}

/** The attacks that were not refused and noticed, and must all have been without effect. */
async function quiet(attacker: Attacker, attacks: readonly Attack[], at: readonly Place[]) {
  const outcomes: Outcome[] = [];
  for (const attack of attacks) outcomes.push(await tried(attacker, attack, at));
  expect(outcomes.filter(({ through }) => through.length > 0)).toEqual([]);
  return outcomes.filter(({ noticed, refused }) => !refused || !noticed).map(({ attack }) => attack);
}

/** One attack with a hand of its own. */
async function tried(
  attacker: Attacker,
  { data, name, subject }: Attack,
  at: readonly Place[],
): Promise<Outcome> {
  const [before, logs] = [await everything(at), logsNow()];
  await using hand = await attacker.open();
  await hand.publish(subject, data);
  await hand.settled();
  const after = await everything(at);
  const through = [
    ...(JSON.stringify(after) === JSON.stringify(before) ? [] : ["a stream has changed"]),
    ...hand.heard.filter(isSuccess),
  ];
  return { attack: name, through, refused: hand.refusals.length > 0, noticed: isNamed(subject, logs) };
}

const everything = async (at: readonly Place[]): Promise<Held> =>
  Object.fromEntries(await Promise.all(at.map(async (place) => [place, await witnesses[place].held()])));

/** Anything but an empty answer (nobody listens) and an error. */
const isSuccess = (heard: string): boolean => !/^\S+ $|"error"/.test(heard);

const logsNow = () => Object.values(places).map((server) => server.log());

/** The API of another domain is called as what it becomes. */
function isNamed(subject: string, before: readonly string[]): boolean {
  const since = logsNow().map((log, i) => log.slice(before[i]?.length ?? 0));
  const names = [subject, subject.replace(/^\$JS\.[^.]+\.API/, "$JS.API")].map((name) =>
    JSON.stringify(name),
  );
  return since.some((log) => names.some((name) => log.includes(name)));
}

const zoneLeaf = (claims = {}) => leafOf("a leaf", places.hub, places.a, claims);
const agent = () => clientOf("an agent", places.a, "agents/a-1.creds", "_INBOX.agent-a-1");
const zone = () => clientOf("a zone", places.a, "creds/zone.creds", "_INBOX.zone-a");
const door = () => {
  const name = readCredentials(readFileSync(places.hub.creds("creds/door.creds"), "utf8"))?.name;
  return clientOf("a door", places.hub, "creds/door.creds", `_INBOX.${name}`);
};

const APIS = ["$JS.API", "UP", "$JS.hub.API", "$JS.zone-b.API"] as const;

describe("a raw link", () => {
  it("carries what the zone may say and ask: a refusal is no broken handshake", async () => {
    const before = await everything(["hub"]);
    await using hand = await zoneLeaf().open();
    await hand.publish(subjects.zoneUpEvent("a", "AgentJoined"), "honest");
    await expect.poll(() => hand.heard.join()).toContain(`"stream":"MESH_UP_a_EVENTS"`);
    await hand.publish("UP.DIRECT.GET.MESH_UP_a_EVENTS", JSON.stringify({ seq: 1 }));
    await expect.poll(() => hand.heard.at(-1)).toMatch(/ honest$/);
    expect(hand.refusals).toEqual([]);
    expect(await everything(["hub"])).not.toEqual(before);
  });
});

describe("what is elsewhere, for somebody with", () => {
  it("the credentials of a zone's server and a raw link: each is refused, and the link cut", async () => {
    // An acknowledgement of what is not one's own goes nowhere, and the server says nothing of it.
    expect(await quiet(zoneLeaf(), elsewhere("b", APIS), ["hub", "b"])).toEqual([
      "acknowledge what another zone pulled",
    ]);
  });

  it("a raw link that says it is the hub: nothing happens, and nobody is told", async () => {
    const attacks = elsewhere("b", APIS);
    expect(await quiet(zoneLeaf({ is_hub: true }), attacks, ["hub", "b"])).toEqual(
      attacks.map(({ name }) => name),
    );
  });

  it("the credentials of an agent: each is refused, in its own zone too", async () => {
    const attacks = [...againstOwnZone("a", "a-2"), ...elsewhere("b", APIS)];
    expect(await quiet(agent(), attacks, ["hub", "a", "b"])).toEqual([]);
  });

  it("the credentials of a coordinator: what it may say at home is not heard elsewhere", async () => {
    expect(
      await quiet(zone(), elsewhere("b", ["UP", "$JS.hub.API", "$JS.zone-b.API"]), ["hub", "b"]),
    ).toEqual([
      "replace a bundle",
      "replace an environment",
      "command another zone",
      "tell another zone what is covered",
      "replace what a link's store holds",
    ]);
  });

  it("the credentials of a door: it asks root under its own name, and writes nothing else", async () => {
    const own = ["replace a bundle", "replace an environment", /^read run logs/, /^read environments/];
    const attacks = elsewhere("b", APIS).filter(({ name }) => !own.some((each) => name.match(each)));
    expect(await quiet(door(), attacks, ["hub", "b"])).toEqual([]);
  });
});

describe("what others say, for somebody with", () => {
  it("a raw link: no pattern hears a word that is not the zone's", async () => {
    for (const claims of [{}, { is_hub: true }]) {
      await using ears = await zoneLeaf(claims).open();
      for (const pattern of wide) await ears.subscribe(pattern);
      expect(await secretsHeard(ears)).toEqual([]);
      expect(ears.refusals).toEqual([]);
    }
  });

  it("a raw link: a single subject of another zone is refused, and the link cut", async () => {
    for (const subject of eavesdropping.filter((each) => !wide.includes(each))) {
      const logs = logsNow();
      await using ears = await zoneLeaf().open();
      await ears.subscribe(subject);
      expect(ears.refusals.join()).toContain("Permissions Violation for Subscription");
      expect(isNamed(subject, logs)).toBe(true);
    }
  });

  it("an agent's, a coordinator's, a door's credentials: each pattern is refused", async () => {
    for (const attacker of [agent(), zone(), door()]) {
      const logs = logsNow();
      await using ears = await attacker.open();
      for (const pattern of eavesdropping) await ears.subscribe(pattern);
      expect(await secretsHeard(ears)).toEqual([]);
      expect(eavesdropping.filter((pattern) => !isNamed(pattern, logs))).toEqual([]);
    }
  });
});

/** The server checks subjects of a link when they are heard, single ones when they are asked for, too. */
const wide = eavesdropping.filter((pattern) => /[*>]/.test(pattern));

async function secretsHeard(ears: Hand): Promise<readonly string[]> {
  await talk(mesh);
  await ears.settled();
  return ears.heard.filter((text) => text.includes(SECRET));
}

describe("a real server of the zone's owner", () => {
  it("that permits everything reaches nothing else, whatever its domain is called", async () => {
    for (const domain of ["zone-a", "hub"]) {
      await using hostile = await hostileServer(places.hub, places.a, domain);
      const attacks = elsewhere("b", ["UP"]);
      // Its own server takes what its own link will not carry; the hub hears nothing of it.
      const { attacker } = hostile;
      const blind = { ...attacker, open: async () => withoutEars(await attacker.open()) };
      await quiet(blind, attacks, ["hub", "b"]);
      await using ears = await attacker.open();
      for (const pattern of eavesdropping.filter((each) => !each.startsWith("$SYS")))
        await ears.subscribe(pattern);
      const before = await hostile.caught();
      expect(await secretsHeard(ears)).toEqual([]);
      expect(await hostile.caught()).toBe(before);
    }
  });
});

/** Its own streams answer it, which proves nothing. */
const withoutEars = (hand: Hand): Hand => ({ ...hand, heard: [] });
