/** What a column is to hold. */
export type ValueKind = 'text' | 'number' | 'date' | 'link';

/** Languages in which a comma stands before the fraction of a number. */
const WITH_COMMA = new Set(
  'bg bs ca cs da de el es et eu fi fr gl hr hu id is it lt lv mk nb nl nn no pl pt ro ru sk sl sq sr sv tr uk vi'.split(
    ' ',
  ),
);
const NUMBER = /[-+−]?\s?[\d][\d.,'’\s\u00a0\u202f]*/g;
/** A text with more besides its number tells something else. */
const MOST_LETTERS = 24;

/**
 * The only number in a text, as `-1234.5`; null when there is none, or several. What a single point or comma before three digits
 * means is told by the language.
 */
export function numberIn(text: string, language: string | null): string | null {
  const found = text.match(NUMBER) ?? [];
  const [written] = found;
  if (written === undefined || found.length > 1 || text.length - written.length > MOST_LETTERS) return null;
  const isNegative = /^[-−]/.test(written);
  const digits = written.replace(/[^\d.,]/g, '').replace(/[.,]+$/, '');
  const plain = withPoint(digits, language);
  return plain === null ? null : `${isNegative ? '-' : ''}${plain}`;
}

function withPoint(digits: string, language: string | null): string | null {
  const [comma, point] = [digits.lastIndexOf(','), digits.lastIndexOf('.')];
  if (comma < 0 && point < 0) return digits;
  if (comma >= 0 && point >= 0) {
    const [mark, others] = comma > point ? [',', '.'] : ['.', ','];
    const [whole = '', fraction = '', ...rest] = digits.replaceAll(others, '').split(mark);
    return rest.length > 0 ? null : `${whole}.${fraction}`;
  }
  const mark = comma >= 0 ? ',' : '.';
  const parts = digits.split(mark);
  const isGrouped = parts.length > 2 || (parts[1]?.length === 3 && /^[1-9]\d{0,2}$/.test(parts[0] ?? ''));
  const isOfFraction = parts.length === 2 && mark === (WITH_COMMA.has(base(language)) ? ',' : '.');
  if (!isGrouped || isOfFraction) return parts.length === 2 ? `${parts[0]}.${parts[1]}` : null;
  return parts.slice(1).every(({ length }) => length === 3) ? parts.join('') : null;
}

/** The only day in a text, as `2026-03-04`; null when there is none, or it may be another one. */
export function dayIn(text: string, language: string | null): string | null {
  const iso = /(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)/.exec(text);
  if (iso) return day(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const marked = /(?<!\d)(\d{1,2})([./-])\s?(\d{1,2})\2\s?(\d{4})(?!\d)/.exec(text);
  if (marked) {
    const [one, other, year] = [Number(marked[1]), Number(marked[3]), Number(marked[4])];
    if (marked[2] === '.' || one > 12) return day(year, other, one);
    if (other > 12) return day(year, one, other);
    if (one === other) return day(year, one, one);
    if (/^en-(?:us|ph)$/i.test(language ?? '')) return day(year, one, other);
    // In English as such both are written.
    return base(language) === 'en' || language === null ? null : day(year, other, one);
  }
  return namedDay(text, language);
}

function namedDay(text: string, language: string | null): string | null {
  const year = /(?<!\d)(?:1[5-9]|20)\d{2}(?!\d)/.exec(text)?.[0];
  const numbers = [...text.matchAll(/(?<![\d:.])\d{1,2}(?![\d:])/g)].map(({ 0: number }) => Number(number));
  const [first] = numbers;
  if (year === undefined || first === undefined || numbers.length > 1) return null;
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  const month = months(base(language)).findIndex((names) => words.some((word) => names.includes(word)));
  return month < 0 ? null : day(Number(year), month + 1, first);
}

const known = new Map<string, string[][]>();

/** The names of the months in a language and in English, whole and cut. */
function months(language: string): string[][] {
  let names = known.get(language);
  if (!names) {
    names = Array.from({ length: 12 }, (_, month) =>
      [language, 'en'].flatMap((tag) =>
        (['long', 'short'] as const).flatMap((style) => {
          const parts = monthFormat(tag, style).formatToParts(new Date(Date.UTC(2024, month, 15)));
          const name = parts
            .find(({ type }) => type === 'month')
            ?.value.toLowerCase()
            .replace(/\.$/, '');
          return name === undefined || /^\d/.test(name) ? [] : [name];
        }),
      ),
    );
    known.set(language, names);
  }
  return names;
}

function monthFormat(tag: string, style: 'long' | 'short'): Intl.DateTimeFormat {
  const options = { day: 'numeric', month: style, timeZone: 'UTC' } as const;
  try {
    return new Intl.DateTimeFormat(tag, options);
  } catch {
    return new Intl.DateTimeFormat('en', options);
  }
}

function day(year: number, month: number, date: number): string | null {
  const made = new Date(Date.UTC(year, month - 1, date));
  const isThere = made.getUTCFullYear() === year && made.getUTCMonth() === month - 1 && made.getUTCDate() === date;
  return isThere ? made.toISOString().slice(0, 10) : null;
}

function base(language: string | null): string {
  return (language ?? '').toLowerCase().split('-')[0] ?? '';
}
