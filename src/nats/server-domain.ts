/**
 * What a server says about itself. Its JetStream domain: a zone's own server behind a leaf link is named after the zone,
 * any other is shared; from that follows how a zone reaches its parent, and that somebody is at the wrong server. Its
 * cluster: from that follows how many copies are kept.
 */
import type { NatsConnection } from "@nats-io/nats-core";
import { domainOfZone, UPPER_API } from "../../streams/leaf.ts";

/** The JetStream domain that a server says it has; the client's type does not know it. */
export const domainOf = ({ info }: NatsConnection): string | undefined =>
  (info as { readonly domain?: string } | undefined)?.domain;

/**
 * A cluster of three survives the loss of any one; more copies would only cost. A server alone keeps one: it names no
 * cluster, or its own name where it has leaf nodes.
 */
export const copiesAt = ({ info }: NatsConnection): number =>
  info?.cluster === undefined || info.cluster === info.server_name ? 1 : 3;

/** Where a connection should lead: to the hub, or to a zone's own server or its parent's. */
export type End =
  | { readonly at: "hub" }
  | { readonly at: "own" | "parent"; readonly zone: string; readonly parent?: string | undefined };

/** Prefix of the parent's JetStream API; undefined where one server holds both ends. */
export const apiPrefixOf = (end: End | undefined, domain: string | undefined): string | undefined =>
  end?.at === "parent" && domain === domainOfZone(end.zone) ? UPPER_API : undefined;

/** The zone whose own server it is; undefined for a shared one. */
export function ownerOf(domain: string | undefined): string | undefined {
  const prefix = domainOfZone("");
  return domain?.startsWith(prefix) === true ? domain.slice(prefix.length) : undefined;
}

/** The zone whose server this is, when it is nobody's who comes to that end. */
export function foreignZone(end: End | undefined, domain: string | undefined): string | undefined {
  const owner = ownerOf(domain);
  if (end === undefined || owner === undefined) return undefined;
  const isMeant = end.at !== "hub" && (end.zone === owner || end.parent === owner);
  return isMeant ? undefined : owner;
}
