/** What of a nats-server's log a person must see, in words that say what to do. Pure. */

const WORDS: readonly (readonly [pattern: RegExp, words: string])[] = [
  [/Leafnode connection created for account/, "linked to the parent"],
  [/Leafnode Error 'User Authentication Revoked'/, "the parent has revoked this zone's credentials"],
  [/Leafnode Error 'User Authentication Expired'/, "the credentials of the link have expired"],
  [
    /Leafnode Error 'Authorization Violation'/,
    "the parent refuses the link: the credentials are revoked, expired or another hub's; new ones: mesh zone rotate NAME",
  ],
  [
    /critical write error: .*no space left on device/,
    "its disk is full: nothing more is stored; make room on the disk of js, then stop and start this server",
  ],
  [/Leafnode connection closed: (?!Client Closed - Remote).*/, "the link is down"],
];

/** Undefined for what is routine. */
export function serverWords(line: string): string | undefined {
  const known = WORDS.find(([pattern]) => pattern.test(line))?.[1];
  if (known !== undefined) return known;
  const [, level, rest] = /\[(ERR|WRN|FTL)\] (.*)$/.exec(line) ?? [];
  return level === undefined ? undefined : rest;
}
