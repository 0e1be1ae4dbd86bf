/** Who asks, as it stands in commands and events. */
import { hostname, userInfo } from "node:os";

export const actor = (): string => `${userInfo().username}@${hostname()}`;
