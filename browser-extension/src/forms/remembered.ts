import { WITHHELD } from './kind_names';
import type { ProfileEntry } from './types';
import { kindsIn, sectionIn } from './vocabulary';

/** What is remembered, as far as it matters here. */
export interface Remembered {
  id: string;
  text: string;
}

/** The longest name of a field and the longest value, in characters: what is longer is a sentence about something else. */
const LONGEST_NAME = 60;
const LONGEST_VALUE = 300;
/** How well the words before a value have to name a field. */
const SURE = 0.55;

/** What stands between the name of a field and its value. */
const BETWEEN = /:\s+|\s*[=：]\s*|\s+(?:is|are|ist|lautet|sind|est|es|è|é|is het|jest|je|är)\s+/iu;

/**
 * What of the memories says what goes into a field: those that name one and its value, such as `Email: ada@example.org`, `My
 * postcode is 10115`, `Meine Telefonnummer ist …`. What is never filled is left out.
 */
export function entriesOf(memories: readonly Remembered[]): ProfileEntry[] {
  return memories.flatMap(({ id, text }) =>
    text.split('\n').flatMap((line) => {
      const entry = entryIn(line.trim());
      return entry === null ? [] : [{ ...entry, source: { id, text } }];
    }),
  );
}

function entryIn(line: string): Pick<ProfileEntry, 'kind' | 'value'> | null {
  const between = BETWEEN.exec(line);
  if (between === null) return null;
  const name = line.slice(0, between.index).trim();
  const value = line
    .slice(between.index + between[0].length)
    .trim()
    .replace(/(?<=\p{L}{3})\.$/u, '');
  if (name === '' || value === '' || name.length > LONGEST_NAME || value.length > LONGEST_VALUE) return null;
  const [best] = kindsIn(name, '', false);
  if (!best || best.score < SURE || WITHHELD.has(best.kind)) return null;
  const section = sectionIn(name);
  return { kind: section === null ? best.kind : `${section} ${best.kind}`, value };
}
