import { withoutUnseen } from './unseen_characters';

/** A quotation of more characters is looked for by its beginning. */
const LONGEST = 20_000;
/** What begins a line of a quotation, a list or a heading, and a list item's number, which the page does not write. */
const LINE_MARK = /^[ \t]*(?:(?:>|[-+*](?=\s)|#{1,6}(?=\s)|\d{1,9}[.)](?=\s))[ \t]*)+/;
const FENCE = /^[ \t]*(?:`{3,}|~{3,})[^`]*$/;
const RULE = /^[ \t]*\|?[ \t]*:?-{3,}[-| :\t]*$/;
const LINK = /(?<!\\)\[((?:\\.|[^\\[\]])*)\]\((?:\\.|[^\\()\s])*\)/g;
const PICTURE = /\\?\[Image: ((?:\\.|[^\\[\]])*)\\?\]/g;
/** Marks of emphasis and code, which no backslash takes back, and ellipses where a page cuts a line off. */
const MARKS = /(?<!\\)(?:\*\*|~~|`+|\||☐ |☑ )|…/g;

/** The text of a passage of Markdown as the page shows it: its blocks on lines of their own, without any marks. */
export function plainQuotation(markdown: string): string {
  const lines = withoutUnseen(markdown.slice(0, LONGEST)).split('\n');
  return lines
    .filter((line) => !FENCE.test(line) && !RULE.test(line))
    .map((line) =>
      line
        .replace(LINE_MARK, '')
        .replace(PICTURE, ' ')
        .replace(LINK, '$1')
        .replace(MARKS, ' ')
        .replace(/\\$/, '')
        .replace(/\\([!-/:-@[-`{-~])/g, '$1')
        .replace(/\s+/g, ' ')
        .trim(),
    )
    .filter((line) => line !== '')
    .join('\n');
}

/** Whether words of a text are not parted by spaces. */
export const UNPARTED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;

const WORD =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]|[^\P{L}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]+[\p{L}\p{N}\p{M}]*|[\p{N}][\p{L}\p{N}\p{M}]*/gu;

/** A word of a text, and where it stands in it. */
export interface Word {
  word: string;
  start: number;
  end: number;
}

/** The words of a text in lower case; signs where words are not parted. What is no letter or digit counts for nothing. */
export function wordsOf(text: string): Word[] {
  return Array.from(text.matchAll(WORD), ({ 0: word, index }) => ({
    word: word.normalize('NFKC').toLowerCase(),
    start: index,
    end: index + word.length,
  }));
}
