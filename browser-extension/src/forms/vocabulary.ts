import type { Kind, Section } from './kind_names';
import { LANGUAGES } from './words';
import { normalised, phraseOf, stands, weightOf, type Phrase } from './words/match';
import type { Words } from './words/words';

/** Words that were found in a text, for a kind. */
export interface Found {
  kind: Kind;
  /** From 0 to 1: how well they fit the text and its language. */
  score: number;
  words: string;
  /** Where in the normalised text they begin. */
  at: number;
  length: number;
}

interface Entry<T> {
  of: T;
  words: string;
  phrase: Phrase;
  language: string;
}

const KINDS = entries((words) => words.kinds) as Entry<Kind>[];
const SECTIONS = entries((words) => words.sections) as Entry<Section>[];
const OTHERS = LANGUAGES.flatMap(({ others, language }) =>
  others.map((words) => ({ phrase: phraseOf(words), language })),
);
const FILLERS: ReadonlySet<string> = new Set(
  LANGUAGES.flatMap(({ fillers, sections }) =>
    [...fillers, ...Object.values(sections).flat()].flatMap((words) => normalised(words).trim().split(' ')),
  ),
);
const UNSPACED_FILLERS = LANGUAGES.filter(({ language }) => language === 'ja' || language === 'zh').flatMap(
  ({ fillers }) => fillers,
);
/** Words that are less of a text say nothing of it. */
const LEAST_SHARE = 0.34;

/** The kinds whose words stand in a text, the likeliest first.
 *
 * @param language of the page, as a BCP 47 tag; empty when it is not known
 * @param isSource whether the text is of the page's source, where English is as usual as the page's language */
export function kindsIn(text: string, language: string, isSource: boolean): Found[] {
  const plain = normalised(text);
  if (plain.trim() === '') return [];
  const found: Found[] = [];
  for (const entry of KINDS) {
    if (!stands(entry.phrase, plain)) continue;
    const share = shareOf(entry.phrase, plain);
    if (share < LEAST_SHARE) continue;
    const score = (0.3 + 0.7 * share) * languageFit(entry.language, language, isSource);
    const at = Math.max(plain.indexOf(entry.phrase.spaced), 0);
    found.push({ kind: entry.of, score, words: entry.words, at, length: entry.phrase.spaced.length });
  }
  return found.sort((one, other) => other.score - one.score || other.length - one.length);
}

/** The section whose words stand in a text; null when there is none. */
export function sectionIn(text: string): Section | null {
  const plain = normalised(text);
  return SECTIONS.find(({ phrase }) => stands(phrase, plain))?.of ?? null;
}

/** Whether the words of a page's language are known; those of a page that does not say its language may be. */
export function isKnownLanguage(language: string): boolean {
  const base = language.split('-')[0]?.toLowerCase() ?? '';
  return base === '' || LANGUAGES.some((words) => words.language === base);
}

/** Whether a text speaks of somebody else than the person, or warns of a trap. */
export function isOfOthers(text: string, language: string): boolean {
  const plain = normalised(text);
  const base = language.split('-')[0]?.toLowerCase();
  // Short words mean other things in other languages.
  return OTHERS.some(
    ({ phrase, language: of }) => (of === base || of === 'en' || base === '') && stands(phrase, plain),
  );
}

/** What part of a text its words are, those aside that say nothing. */
function shareOf(phrase: Phrase, text: string): number {
  let rest = text;
  for (const filler of UNSPACED_FILLERS) rest = rest.replaceAll(filler, '');
  const kept = rest.split(' ').filter((word) => !FILLERS.has(word) || phrase.spaced.includes(` ${word} `));
  const weight = phrase.glued !== '' && !text.includes(phrase.spaced) ? 1 : phrase.weight;
  return Math.min(1, weight / Math.max(weightOf(kept.join(' ')), weight));
}

function languageFit(words: string, page: string, isSource: boolean): number {
  const base = page.split('-')[0]?.toLowerCase() ?? '';
  if (words === base) return 1;
  if (words === 'en') return isSource || base === '' ? 1 : 0.85;
  return base === '' ? 0.9 : 0.7;
}

function entries(of: (words: Words) => Partial<Record<string, readonly string[]>>): Entry<string>[] {
  return LANGUAGES.flatMap((words) =>
    Object.entries(of(words)).flatMap(([name, all]) =>
      (all ?? []).map((one) => ({ of: name, words: one, phrase: phraseOf(one), language: words.language })),
    ),
  );
}
