import { plainQuotation, UNPARTED } from './quotation';

/** A passage of at most so many characters in one block is named whole. */
const LONGEST_WHOLE = 80;
/** How many words, or signs where words are not parted, name the beginning and the end of a longer one. */
const WORDS = 5;
const SIGNS = 12;

/**
 * The address of a page at a passage of its text, which is Markdown. A browser that opens it looks for the passage,
 * scrolls to it and highlights it. The page's own fragment is kept. The address itself when the passage has no words.
 */
export function textFragment(url: string, quotation: string): string {
  const lines = plainQuotation(quotation).split('\n');
  const [first = '', last = ''] = [lines[0], lines.at(-1)];
  if (!/[\p{L}\p{N}]/u.test(first)) return url;
  const isWhole = lines.length === 1 && first.length <= LONGEST_WHOLE;
  const text = isWhole ? encoded(first) : `${encoded(beginning(first))},${encoded(ending(last))}`;
  const [address = '', fragment = ''] = url.split(/#(.*)/s);
  return `${address}#${fragment.split(':~:')[0]}:~:text=${text}`;
}

function beginning(line: string): string {
  if (UNPARTED.test(line)) return [...line].slice(0, SIGNS).join('');
  return line.split(' ').slice(0, WORDS).join(' ');
}

function ending(line: string): string {
  if (UNPARTED.test(line)) return [...line].slice(-SIGNS).join('');
  return line.split(' ').slice(-WORDS).join(' ');
}

/** A text in which nothing separates the parts of a directive: commas, dashes, and what parts directives. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(/[-!'()*]/g, (sign) => {
    return `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;
  });
}
