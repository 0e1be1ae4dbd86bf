/**
 * Targets that have a name of their own in a guard, and those of them that nobody may reach from any zone unless its owner
 * says so: an agent sits inside a network, and its script was written by somebody else. Data, and how to look it up.
 */
import { type TargetRule, targetRule } from "./target-rule.ts";

/** Where the servers of the mesh itself are: known to each agent, not here. */
export const CONTROL_PLANE = "control-plane";

const GROUPS = {
  loopback: ["127.0.0.0/8", "::1"],
  private: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"],
  metadata: ["169.254.169.254", "fd00:ec2::254", "100.100.100.200", "metadata.google.internal"],
  "link-local": ["169.254.0.0/16", "fe80::/10"],
  unspecified: ["0.0.0.0/8", "::"],
  broadcast: ["255.255.255.255"],
  multicast: ["224.0.0.0/4", "ff00::/8"],
  [CONTROL_PLANE]: [],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type Group = keyof typeof GROUPS;

/** Denied to everybody, the most telling first. */
export const DENIED_GROUPS = [
  "metadata",
  "link-local",
  "unspecified",
  "broadcast",
  "multicast",
  CONTROL_PLANE,
] as const satisfies readonly Group[];

export const GROUP_NAMES = Object.keys(GROUPS) as readonly Group[];
export const isGroup = (text: string): text is Group => Object.hasOwn(GROUPS, text);

/** What entries mean: groups are taken apart. Entries that mean nothing are left out; readers have refused them. */
export function rulesOf(entries: readonly string[]): readonly TargetRule[] {
  const texts = entries.flatMap((entry) => (isGroup(entry) ? GROUPS[entry] : [entry]));
  return texts.flatMap((text) => targetRule(text) ?? []);
}
