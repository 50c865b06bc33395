/** An `@` with what was typed after it, where a question is being typed. */
export interface MentionQuery {
  /** Where the `@` stands. */
  from: number;
  /** What follows it. */
  text: string;
}

const QUERY = /(?:^|[\s([{"'„“])@([^\s@]*)$/u;

/** What one is about to mention: an `@` at the beginning of a word, with the caret behind the word. */
export function mentionAt(text: string, caret: number): MentionQuery | null {
  const found = QUERY.exec(text.slice(0, caret));
  if (!found) return null;
  const query = found[1] ?? '';
  return { from: caret - query.length - 1, text: query };
}

/** The text without the `@` and what follows it up to the caret, and where the caret is then. */
export function withoutMention(text: string, from: number, caret: number): { text: string; caret: number } {
  const before = text.slice(0, from);
  const after = text.slice(caret);
  // Of the blanks around it, one is enough.
  const isBlankTwice = after.startsWith(' ') && (before === '' || /\s$/.test(before));
  return { text: before + (isBlankTwice ? after.slice(1) : after), caret: before.length };
}
