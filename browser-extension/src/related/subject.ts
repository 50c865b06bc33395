import type { PageText } from '../page/readable';

/** The most that is looked for with, in characters: what a model of sentences reads at once. */
const LONGEST = 600;
const MOST_HEADINGS = 8;
/** A selection of fewer characters says too little alone. */
const SHORTEST_SELECTION = 40;

/** How many words name a subject. */
const MOST_WORDS = 4;
const SHORTEST_WORD = 4;
/** The most of a text that words are taken from, in characters. */
const MOST_OF_TEXT = 4000;

/** What a page, or what is selected in it, is about. */
export interface Subject {
  title: string;
  headings: string[];
  /** What is selected; empty when nothing is. */
  selected: string;
  language: string | null;
}

/** What a page is about, by its title and its headings, and by what is selected in it. */
export function subjectOf(text: PageText, selected: string): Subject {
  const headings = [...text.markdown.matchAll(/^#{1,3} (.+)$/gm)].map(([, line = '']) => plain(line));
  const title = withoutSite(plain(text.title), text.siteName);
  return {
    title,
    headings: [...new Set(headings)].filter((heading) => heading !== '' && heading !== title).slice(0, MOST_HEADINGS),
    selected: selected.replace(/\s+/g, ' ').trim(),
    language: text.language,
  };
}

/** What is looked for on account of a subject: a few sentences at most. */
export function questionOf({ title, headings, selected }: Subject): string {
  if (selected.length >= SHORTEST_SELECTION) return cut(selected, LONGEST);
  const parts = selected === '' ? [title, ...headings] : [selected, title];
  let question = '';
  for (const part of parts) {
    const next = question === '' ? part : `${question}. ${part}`;
    if (next.length > LONGEST) break;
    question = next;
  }
  return question === '' ? cut(parts[0] ?? '', LONGEST) : question;
}

/**
 * Words that name a subject, in sets of two, or of one where there is no other: whoever spoke of it will have said both of some
 * set. Each is the beginning of its word, as words end differently.
 */
export function wordSets(subject: Subject): string[][] {
  const words = tellingWords(subject);
  if (words.length < 2) return words.map((word) => [word]);
  return words.flatMap((one, index) => words.slice(index + 1).map((other) => [one, other]));
}

function tellingWords({ title, headings, selected, language }: Subject): string[] {
  const weights = new Map<string, number>();
  const weigh = (text: string, weight: number): void => {
    for (const word of new Set(wordsIn(text, language))) weights.set(word, (weights.get(word) ?? 0) + weight);
  };
  weigh(title, selected === '' ? 3 : 1);
  weigh(selected, 3);
  if (selected === '') headings.forEach((heading) => weigh(heading, 1));
  // Of words that are as frequent the longer one tells more.
  const ordered = [...weights].sort(([one, some], [other, more]) => more - some || other.length - one.length);
  return [...new Set(ordered.map(([word]) => stem(word)))].slice(0, MOST_WORDS);
}

function wordsIn(text: string, language: string | null): string[] {
  const pieces = segmenter(language).segment(text.slice(0, MOST_OF_TEXT));
  return [...pieces]
    .filter(({ isWordLike }) => isWordLike)
    .map(({ segment }) => segment.toLowerCase())
    .filter((word) => word.length >= (UNPARTED.test(word) ? 2 : SHORTEST_WORD) && !FREQUENT.has(word));
}

function segmenter(language: string | null): Intl.Segmenter {
  try {
    return new Intl.Segmenter(language ?? undefined, { granularity: 'word' });
  } catch {
    // A page may say that it is in a language that there is not.
    return new Intl.Segmenter(undefined, { granularity: 'word' });
  }
}

/** A word without how it may end: the host finds it wherever it begins a word. */
function stem(word: string): string {
  if (UNPARTED.test(word) || /\d/.test(word)) return word;
  return word.length >= 8 ? word.slice(0, -2) : word.length >= 5 ? word.slice(0, -1) : word;
}

const UNPARTED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u;

/** Words that stand in titles of anything, in the languages that most pages are in. */
const FREQUENT = new Set(
  (
    'about after also article been before between does from guide have home here into just like more most much news official other over page ' +
    'read some site such than that their them then there these they this those under very welcome what when where which while will with ' +
    'without your yours best first only part show shows using ' +
    'aber alle alles also andere artikel auch beim dann dass dein deine denn dies diese diesem diesen dieser dieses doch durch eine einem einen ' +
    'einer eines gegen haben hier ihre ihren ihrer kann kein keine mehr muss nach nicht noch oder ohne schon sehr sein seine seite sich sind ' +
    'startseite über unter viel vom wann warum weil welche wenn werden wird wurde zwischen ' +
    'avec cette comme dans elle leur mais nous pour plus sans sont sous votre vous como desde esta este para pero porque sobre ' +
    'anche come della delle nella sono http https html'
  ).split(' '),
);

function withoutSite(title: string, site: string | null): string {
  if (site === null || site === '') return title;
  const parts = title.split(/\s+[–—|·:-]\s+/);
  const own = parts.filter((part) => part.toLowerCase() !== site.toLowerCase());
  return own.length === 0 || own.length === parts.length ? title : own.join(' – ');
}

/** A line of Markdown without the marks by which it means itself, and without links. */
function plain(line: string): string {
  return line
    .replace(/\[((?:\\.|[^\\\]])*)\]\([^)]*\)/g, '$1')
    .replace(/\\([!-/:-@[-`{-~])/g, '$1')
    .replace(/\s+/g, ' ')
    .trim();
}

function cut(text: string, length: number): string {
  return Array.from(text).slice(0, length).join('');
}
