/** What of a nats-server's log a person must see, in words that say what to do. Links are another matter: `link-words.ts`. */

/** At the beginning alone: behind it there may be names, which whoever connects has chosen. */
const LEVEL = /^\[\d+\] \S+ \S+ \[(ERR|WRN|FTL)\] (.*)$/s;
const OF_CONNECTION = /^\S+:\d+ - [a-z]+id\S*:\d+ - /;
const DISK = /critical write error: .*no space left on device/;
/** Routine with foreign logins, which are told as such. */
const ACCOUNT_SOUGHT = /^Account \[A[A-Z2-7]{55}\] fetch took |^Account fetch failed: fetching jwt timed out/;

/** Of everything but links; undefined for what is routine. */
export function serverWords(line: string): string | undefined {
  const [, level, rest = ""] = LEVEL.exec(line) ?? [];
  if (level === undefined || ACCOUNT_SOUGHT.test(rest)) return undefined;
  return DISK.test(rest) && !OF_CONNECTION.test(rest)
    ? "its disk is full: nothing more is stored; make room on the disk of js, then stop and start this server"
    : rest;
}
