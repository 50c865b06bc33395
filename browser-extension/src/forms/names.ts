/** Words that belong to the family name which follows. */
const PARTICLES = new Set(
  'von vom van der den de del della di da do dos das du des la le ten ter zu zum zur al el bin ibn af av st'.split(' '),
);

const FAMILY_FIRST = /^(ja|zh|ko|hu|vi)\b/i;
const UNSPACED = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\s・]+$/u;

/** The parts of a name. */
export interface NameParts {
  given: string;
  additional: string;
  family: string;
  /** Whether there was but one way to part it. */
  isSure: boolean;
}

/** Parts a full name; null when it is but one word. */
export function partedName(name: string): NameParts | null {
  const words = name.trim().split(/[\s\u3000]+/u);
  if (words.length < 2) return null;
  if (UNSPACED.test(name)) {
    const [family = '', ...given] = words;
    return { given: given.join(' '), additional: '', family, isSure: words.length === 2 };
  }
  let from = words.length - 1;
  while (from > 1 && PARTICLES.has((words[from - 1] ?? '').toLowerCase())) from -= 1;
  const [given = '', ...additional] = words.slice(0, from);
  return {
    given,
    additional: additional.join(' '),
    family: words.slice(from).join(' '),
    isSure: additional.length === 0,
  };
}

/** A full name of its parts, in the order that the language of the name and of the page has. */
export function joinedName(given: string, additional: string, family: string, language: string): string {
  if (UNSPACED.test(given + family)) return `${family} ${given}`;
  // A name in letters keeps its order on pages of languages that put the family first, but for Hungarian ones.
  const parts =
    FAMILY_FIRST.test(language) && /^hu/i.test(language) ? [family, given, additional] : [given, additional, family];
  return parts.filter(Boolean).join(' ');
}
