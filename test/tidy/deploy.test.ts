/** What can be known of `deploy/docker`, `deploy/compose` and `deploy/systemd` without what builds or runs them. */
import { accessSync, constants, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { NATS_SERVER_MINIMUM } from "../../streams/version.ts";
import { STOP_PATIENCE_MS } from "../../src/keeper/folder-server.ts";
import { mountsOf, networksOf, readCompose } from "../support/compose.ts";

const root = join(import.meta.dirname, "../..");
const textOf = (path: string): string => readFileSync(join(root, path), "utf8");

/** Instructions, each on one line, without comments. */
const instructions = textOf("deploy/docker/Dockerfile")
  .replaceAll(/^#.*\n/gm, "")
  .replaceAll(/\\\n\s*/g, "")
  .split("\n")
  .filter((line) => line !== "");
const wordsAfter = (name: string): readonly string[] =>
  instructions.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));

/** What a build takes from the checkout. */
const copied = wordsAfter("COPY")
  .filter((words) => !words.startsWith("--from"))
  .flatMap((words) => words.split(" ").slice(0, -1));

/** Whether a builder gets a path: the last pattern of .dockerignore that fits decides. */
function isSent(path: string): boolean {
  const parents = path.split("/").map((_, n, all) => all.slice(0, n + 1).join("/"));
  const lines = textOf(".dockerignore")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  return lines.reduce((sent, line) => {
    const pattern = line.replace(/^!/, "");
    const source = pattern
      .replaceAll(".", "\\.")
      .replaceAll("**/", "(?:.*/)?")
      .replaceAll(/(?<![.)])\*/g, "[^/]*");
    return parents.some((each) => new RegExp(`^${source}$`).test(each)) ? line.startsWith("!") : sent;
  }, true);
}

describe("the image", () => {
  it("has the versions that the checkout has", () => {
    const args = Object.fromEntries(wordsAfter("ARG").map((words) => words.split("=")));
    expect(args["NODE_VERSION"]).toBe(textOf(".node-version").trim());
    expect(args["NATS_VERSION"]).toMatch(new RegExp(`^${NATS_SERVER_MINIMUM.replace(/\.0$/, "")}\\.`));
  });

  it("copies what is there, and what a builder is sent", () => {
    expect(copied.length).toBeGreaterThan(8);
    for (const path of copied) {
      expect(existsSync(join(root, path)), path).toBe(true);
      expect(isSent(path), path).toBe(true);
    }
    expect(copied).toEqual(expect.arrayContaining(["bin", "src", "streams", "examples", "LICENSE"]));
  });

  it("starts as somebody without rights, at the door, and ends at a signal that the door knows", () => {
    expect(wordsAfter("ENTRYPOINT")).toEqual(['["/opt/mesh/bin/mesh"]']);
    expect(wordsAfter("COPY")).toContain("--from=build /src/dist/package /opt/mesh");
    accessSync(join(root, "bin/mesh"), constants.X_OK);
    expect(wordsAfter("USER")).toEqual(["mesh"]);
    expect(wordsAfter("STOPSIGNAL")).toEqual(["SIGTERM"]);
  });

  it("holds no secret in any layer", () => {
    const secrets = [
      "hub/keys/operator.nk",
      "mesh-demo/hub/creds/root.creds",
      "src/left.creds",
      "src/keys/a",
      ".env",
    ];
    for (const path of [
      ...secrets,
      "deploy/compose/.env",
      ".git/config",
      "node_modules/a",
      "src/node_modules/a",
    ])
      expect(isSent(path), path).toBe(false);
    for (const line of instructions) expect(line).not.toMatch(/password|secret|token|\.creds|\.nk\b/i);
  });
});

describe("a systemd unit", () => {
  const units = readdirSync(join(root, "deploy/systemd"));

  it.each(units)("%s tells only the process that it started, and gives that one its time", (unit) => {
    const settings = textOf(`deploy/systemd/${unit}`)
      .split("\n")
      .filter((line) => /^\w+=/.test(line));
    // Else workers and servers get the signal, too, and so do the guards that keep servers from outliving mesh server.
    expect(settings).toContain("KillMode=mixed");
    const [, stopS] = /^TimeoutStopSec=(\d+)$/m.exec(settings.join("\n")) ?? [];
    expect(Number(stopS) * 1000).toBeGreaterThan(2 * STOP_PATIENCE_MS);
  });

  it("is there for each of the daemons", () => {
    expect(units.toSorted()).toEqual(
      ["agent@", "root", "server@", "zone@"].map((name) => `mesh-${name}.service`),
    );
  });
});

describe("the Compose file", () => {
  const { networks, services } = readCompose(join(root, "deploy/compose/compose.yaml"));
  const legs = (name: string): readonly string[] => networksOf(services[name] ?? {});

  it("keeps a zone's network from the hub's, and from the other zone's", () => {
    for (const [zone, other] of [
      ["eu", "us"],
      ["us", "eu"],
    ] as const) {
      expect(networks[zone]?.internal).toBe(true);
      const inside = Object.keys(services).filter((name) => legs(name).includes(zone));
      expect(inside.toSorted()).toEqual(
        [`${zone}-agent`, `${zone}-server`, `${zone}-zone`, "target"].toSorted(),
      );
      expect(legs(`${zone}-server`)).toEqual([zone, `${zone}-uplink`]);
      for (const name of [`${zone}-agent`, `${zone}-zone`]) expect(legs(name)).toEqual([zone]);
      const dialling = Object.keys(services).filter((name) => legs(name).includes(`${zone}-uplink`));
      expect(dialling.toSorted()).toEqual(["hub", `${zone}-server`].toSorted());
      expect(legs("hub")).not.toContain(other);
    }
  });

  it("gives each role its own login and nobody's keys", () => {
    const keyed = Object.keys(services).filter((name) =>
      mountsOf(services[name] ?? {}).some(
        ({ source, subpath }) => ["hub", "eu", "us"].includes(source) && subpath === "",
      ),
    );
    expect(keyed.toSorted()).toEqual(["eu-server", "hub", "init", "us-server"]);
    const logins = Object.entries(services).flatMap(([name, service]) =>
      mountsOf(service)
        .filter(({ source }) => source === "logins")
        .map(({ subpath }) => [name, subpath]),
    );
    expect(Object.fromEntries(logins)).toEqual({
      init: "",
      root: "root",
      run: "door",
      "eu-zone": "eu",
      "us-zone": "us",
      "eu-agent": "eu-1",
      "us-agent": "us-1",
    });
  });

  it("opens no port to the outside", () => {
    for (const service of Object.values(services)) expect(service).not.toHaveProperty("ports");
  });
});
