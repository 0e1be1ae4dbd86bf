/** What was refused, on its way to the mesh: said here in any case, told when it can be, and what is lost is said. */
import { describe, expect, it } from "vitest";
import { RefusalOutbox } from "../../../src/cli/trust/refusal-outbox.ts";
import type { ServerWatch } from "../../../src/wiring.ts";

/** An outbox at a server whose mesh takes what `takes` says; and all that was said, and told by its principal. */
function outboxWith(
  takes: (principal: string) => string | undefined,
  subjectOf = (server: string) => server,
) {
  const notes: string[] = [];
  const told: string[] = [];
  const current: ServerWatch = {
    server: "hub",
    connection: () => Promise.resolve(undefined),
    links: () => Promise.resolve([]),
    tell: async (_, { data }) => {
      const { principal } = JSON.parse(new TextDecoder().decode(data)) as { principal: string };
      const problem = takes(principal);
      if (problem !== undefined) throw new Error(problem);
      told.push(principal);
    },
    ended: new Promise(() => {}),
    close: () => Promise.resolve(),
  };
  const server: { current: ServerWatch | undefined } = { current };
  const outbox = new RefusalOutbox({ server, subjectOf, note: (line) => notes.push(line) });
  return { notes, outbox, server, told };
}

const seen = (principal: string, subject = "a.b") => ({ principal, operation: "publish", subject });
const said = (principal: string) => `${principal} may not publish a.b (server hub)`;

describe("an outbox of refusals", () => {
  it("says each here, also where the mesh cannot be told; and why not, once", async () => {
    let problem: string | undefined = "nobody keeps it";
    const { notes, outbox, told } = outboxWith(() => problem);
    outbox.offer(seen("eve"));
    await expect.poll(() => notes).toHaveLength(2);
    outbox.offer(seen("mallory"));
    outbox.tellDue();
    problem = undefined;
    await expect.poll(() => (outbox.tellDue(), told)).toEqual(expect.arrayContaining(["eve", "mallory"]));
    expect(notes).toEqual([
      said("eve"),
      "what is refused is not told to the mesh for now: nobody keeps it",
      said("mallory"),
      "what is refused is told to the mesh again",
    ]);
  });

  it("says so where a server's name fits into no subject", async () => {
    const { notes, outbox } = outboxWith(
      () => undefined,
      () => {
        throw new Error("a.b is no token");
      },
    );
    outbox.offer(seen("eve"));
    await expect
      .poll(() => notes)
      .toContain("what is refused is not told to the mesh for now: a.b is no token");
  });

  it("is not held up by one that cannot be told", async () => {
    const { outbox, told } = outboxWith((principal) => (principal === "eve" ? "too large" : undefined));
    for (const principal of ["eve", "mallory", "trudy"]) outbox.offer(seen(principal));
    await expect.poll(() => (outbox.tellDue(), told)).toEqual(["mallory", "trudy"]);
  });

  it("says of how many the mesh never hears: there was no room for them, or no time", async () => {
    const { notes, outbox, server, told } = outboxWith(() => undefined);
    const { current } = server;
    server.current = undefined;
    for (let who = 0; who < 20; who += 1) {
      for (let subject = 0; subject < 11; subject += 1) outbox.offer(seen(`p${who}`, `s.${subject}`));
    }
    expect(notes.filter((line) => line.includes("may not publish"))).toHaveLength(220);
    expect(notes.filter((line) => line.includes("more than 200 wait"))).toHaveLength(1);
    server.current = current;
    outbox.tellDue();
    await expect.poll(() => told).toHaveLength(200);
    expect(notes.at(-1)).toBe("what is refused is told to the mesh again, but for 20 refused accesses");
    server.current = undefined;
    for (let again = 0; again < 3; again += 1) outbox.offer(seen("p0", "s.0"));
    outbox.close();
    expect(notes.slice(-2)).toEqual([
      "p0 may not publish s.0, 3 times",
      "the mesh was not told of 3 refused accesses",
    ]);
  });
});
