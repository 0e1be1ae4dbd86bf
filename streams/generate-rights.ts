/** The sections of `streams/README.md` about who may do what: generated from the same lists as credentials. Pure. */
import { linkGrants } from "./leaf.ts";
import { code, table } from "./markdown.ts";
import { permissionsOf, type Principal, principals } from "./permissions.ts";

const principalNotes: Record<Principal, string> = {
  root: "at the hub",
  door: "at the hub: whoever asks for runs and reads their logs",
  watch: "at the hub; a zone's own says the same about its zone",
  zone: "at the zone's own server: its coordinator",
  agent: "at the zone's own server",
  leaf: "at the parent: the zone's server, over its link",
};

/** Marks are names while subjects are built, and become `<name>` afterwards. */
const shown = (subject: string): string => code(subject.replaceAll(/__([a-z]+)__/g, "<$1>"));

export function permissionSection(): string {
  const rows = principals.map((principal) => {
    const holder = { name: "__name__", zone: principal === "watch" ? "" : "__zone__", agent: "__agent__" };
    const { publish, subscribe } = permissionsOf(principal, holder);
    const lists = [publish, subscribe].map((list) => list.map(shown).join("<br>"));
    return [`**${principal}**, ${principalNotes[principal]}`, ...lists];
  });
  const note =
    "What credentials of `mesh hub init` and `mesh zone init` allow, and nothing else. `<name>` is the user's name in them: `root`, `door-ann`, `zone-eu`, `agent-eu-1`.";
  return `## Permissions\n\n${note}\n\n${table(["who", "may publish to", "may subscribe to"], rows)}`;
}

export function linkSection(): string {
  const rows = linkGrants("__zone__").map(({ exported, kind, local, subject, why }) => [
    kind === "service" ? "up" : "down",
    shown(subject),
    shown(local),
    shown(exported),
    why.replaceAll(/__([a-z]+)__/g, "<$1>"),
  ]);
  const note =
    "All that crosses the link of a zone behind a leaf node. The parent's account exports wildcards once; a zone imports its own subjects by tokens that name its account.";
  return `## Links\n\n${note}\n\n${table(["way", "subject", "the zone calls it", "exported as", "why"], rows)}`;
}
