/** Names that both ends of the link of a zone behind a leaf node must agree on. */

/** JetStream domain of a zone's own server. */
export const domainOfZone = (zone: string): string => `zone-${zone}`;
/** Prefix under which a zone reaches the JetStream API of its parent. */
export const UPPER_API = "UP";
