/** What begins or ends markup anywhere in a line, in CommonMark, in its GitHub flavour, and in formulas. */
const ANYWHERE = /[\\`*[\]<~|$]|(?<![\p{L}\p{N}_])_|_(?![\p{L}\p{N}_])|__+|&(?=#?[\p{L}\p{N}]+;)/gu;
/** What would become a link by itself. */
const ADDRESS = /(?<=\b(?:https?|ftp))(?=:\/\/)|(?<=\bwww)(?=\.)|(?<=[\w.+-])(?=@[\w-]+\.)|(?<=\bmailto|\bxmpp)(?=:)/gi;
/** What begins a heading, a quotation, a list, a rule, a title's line, or a definition at the beginning of a line. */
const FIRST = /^(?:#{1,6}(?=\s|$)|>|[-+](?=\s|$)|[-=_+]{2,}|=+\s*$|:(?=\s))/;
const NUMBER = /^(\d{1,9})([.)])(?=\s|$)/;

/** A text of a page that means itself wherever it stands in a line of Markdown. */
export function escaped(text: string): string {
  return text.replace(ANYWHERE, (found) => found.replace(/[^]/g, '\\$&')).replace(ADDRESS, '\\');
}

/** A line of escaped text that means itself at the beginning of a block as well. */
export function escapedLine(line: string): string {
  const trimmed = line.replace(/^[ \t]+/, '');
  return trimmed.replace(FIRST, '\\$&').replace(NUMBER, '$1\\$2');
}

/** An address as the destination of a link, in which nothing ends it. */
export function destination(address: string): string {
  return address.replace(/[\s()<>\\|`[\]$]/g, (found) => {
    // These are letters of an address, and mean the same when they are written as numbers.
    return `%${found.codePointAt(0)!.toString(16).toUpperCase().padStart(2, '0')}`;
  });
}

/** Text within backticks: as many as it does not contain. It cannot contain a line's end. */
export function codeSpan(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (line === '') return '';
  const fence = '`'.repeat(longestRun(line, '`') + 1);
  const gap = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${fence}${gap}${line}${gap}${fence}`;
}

/** Lines of code between fences that are longer than any in it. The language is left out when it is no plain name. */
export function codeBlock(text: string, language: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text, '`') + 1));
  const name = /^[\w+#.-]{1,30}$/.test(language) ? language : '';
  return `${fence}${name}\n${text.replace(/\n+$/, '')}\n${fence}`;
}

function longestRun(text: string, sign: string): number {
  let [longest, run] = [0, 0];
  for (const letter of text) {
    run = letter === sign ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}
