/** Instants and durations as a person at this machine reads them. Machines get µs and ms as they are. */

/** `2026-11-22 01:02:03`, in the local time zone. */
export const localDateTime = (us: number): string => new Date(us / 1000).toLocaleString("sv-SE");

/** `01:02:03.456`, in the local time zone. */
export const localTime = (us: number): string => {
  const instant = new Date(us / 1000);
  return `${instant.toLocaleTimeString("sv-SE")}.${String(instant.getMilliseconds()).padStart(3, "0")}`;
};
