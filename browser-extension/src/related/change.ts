import { plainQuotation, wordsOf } from '../page/quotation';

/** How many words in a row are looked for together. */
const PIECE = 3;
const MOST_TOLD = 20;
/** How much of a line is told, in characters. */
const LONGEST_TOLD = 200;
/** How much of a page is looked at, and how much of what it is compared with, in characters: lines move. */
const MOST_READ = 300_000;
const MOST_COMPARED = 400_000;
/** `plainQuotation` reads less than this at once. */
const CUT = 10_000;

/** What a page says now and did not when it was saved, and how much it says no more. */
export interface Change {
  /** Lines that are new, in their order; at most 20 of them. */
  added: string[];
  /** How many are new in all. */
  addedCount: number;
  /** How many of those that were saved are gone. */
  goneCount: number;
}

/** A passage of a saved page as the host tells it: its text, and the headings above it, which are not in the text. */
export interface SavedPassage {
  breadcrumb: string[];
  text: string;
}

/**
 * How a page differs from what was saved of it; null when it does not. Words alone count, three in a row at a time, as the host
 * keeps a text without its marks. `now` is Markdown.
 */
export function changeBetween(now: string, saved: readonly SavedPassage[]): Change | null {
  const before = saved.map(({ breadcrumb, text }) => [...breadcrumb, text].join('\n\n')).join('\n\n');
  const texts = saved.map(({ text }) => text).join('\n\n');
  const added = linesOf(now, MOST_READ).filter(isMissingIn(before));
  const gone = linesOf(texts, MOST_READ).filter(isMissingIn(now));
  if (added.length === 0 && gone.length === 0) return null;
  return { added: added.slice(0, MOST_TOLD).map(shortened), addedCount: added.length, goneCount: gone.length };
}

/** The lines of the beginning of a text as people read them, all of them whole. */
function linesOf(text: string, most: number): string[] {
  const beginning = text.length > most ? text.slice(0, text.lastIndexOf('\n', most) + 1 || most) : text;
  const lines: string[] = [];
  let block = '';
  const endBlock = (): void => {
    lines.push(...plainQuotation(block).split('\n'));
    block = '';
  };
  for (const line of beginning.split('\n')) {
    if (block !== '' && block.length + line.length > CUT) endBlock();
    block += `${line}\n`;
  }
  endBlock();
  return lines.filter((line) => line !== '');
}

/** Whether some of a line does not stand in a text, however its lines are broken. */
function isMissingIn(text: string): (line: string) => boolean {
  const words = linesOf(text, MOST_COMPARED).flatMap(plainWords);
  const pieces = new Set<string>();
  for (let size = 1; size <= PIECE; size++) {
    for (let at = 0; at + size <= words.length; at++) pieces.add(words.slice(at, at + size).join(' '));
  }
  return (line) => {
    const own = plainWords(line);
    const size = Math.min(PIECE, own.length);
    return own.some((_, at) => at + size <= own.length && !pieces.has(own.slice(at, at + size).join(' ')));
  };
}

function plainWords(line: string): string[] {
  // What begins with a number is a list's item in one of the texts, and may be none in the other.
  return wordsOf(line.replace(/^\d{1,9}[.)]\s+/, '')).map(({ word }) => word);
}

function shortened(line: string): string {
  const signs = Array.from(line);
  return signs.length > LONGEST_TOLD ? `${signs.slice(0, LONGEST_TOLD).join('')}…` : line;
}
