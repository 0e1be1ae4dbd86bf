/** What somebody who reads a NATS server's log tells the node that keeps the books there: root, or a zone. */
import { type BodyOf, define } from "../message.ts";
import { accessRefusal } from "../schema/access.ts";

export const watchReports = {
  Refused: define("Refused", "watch", "A server refused somebody something.", accessRefusal),
} as const;

export type WatchReport = BodyOf<typeof watchReports>;
