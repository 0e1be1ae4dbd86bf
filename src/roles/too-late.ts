/** Which commands to zones and agents may come too late. */
import type { NodeCommand } from "../../streams/commands/node.ts";
import type { Envelope } from "../../streams/envelope.ts";

const BEGINNING: readonly NodeCommand["type"][] = ["AssignShare", "RunStage", "StartRun"];

/** What begins something is void after its time. What lets go never is: the load may go on that it is to end. */
export const isTooLate = (
  { expires }: Pick<Envelope, "expires">,
  { type }: Pick<NodeCommand, "type">,
  now: number,
): boolean => expires !== undefined && expires < now && BEGINNING.includes(type);
