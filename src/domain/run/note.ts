/** What may be written down about a run: one line of text, bounded because a run's state carries it. */

/** Characters of a note. */
export const NOTE_TEXT_MAX = 2000;

/** The text as it is kept: one line, without what would move a cursor. */
export const noteText = (given: string): string =>
  given
    .replaceAll(/[\s\p{Cc}]+/gu, " ")
    .trim()
    .slice(0, NOTE_TEXT_MAX);
