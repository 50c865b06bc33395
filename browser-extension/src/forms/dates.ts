/** A day of the calendar. */
export interface Day {
  year: number;
  month: number;
  day: number;
}

/** Letters that stand for a year, a month and a day in what pages show as a date's form. */
const LETTERS: readonly [keyof Day, RegExp][] = [
  ['year', /^(y+|j+|a+|r+|å+)$/iu],
  ['month', /^(m+|aa)$/iu],
  ['day', /^(d+|t+|jj|g+)$/iu],
];

/** The day that an ISO date names; null when it names none. */
export function dayOf(text: string): Day | null {
  const found = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text.trim());
  if (!found) return null;
  const [year = 0, month = 0, day = 0] = found.slice(1).map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  const exists = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return exists ? { year, month, day } : null;
}

/** 2001-02-03 */
export function isoDay({ year, month, day }: Day): string {
  return `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}`;
}

/** A day as a page shows that it wants it, by the form in its texts (`TT.MM.JJJJ`) or else as its language writes days;
 * as ISO does where the language does not tell. */
export function writtenDay(day: Day, shown: readonly string[], language: string): string {
  for (const text of shown) {
    const written = inForm(day, text);
    if (written !== null) return written;
  }
  // Plain English does not tell whether the day or the month comes first.
  if (language === '' || /^en$/i.test(language)) return isoDay(day);
  try {
    const format = new Intl.DateTimeFormat(language, {
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      timeZone: 'UTC',
      numberingSystem: 'latn',
      calendar: 'gregory',
    });
    return format.format(Date.UTC(day.year, day.month - 1, day.day));
  } catch {
    return isoDay(day);
  }
}

/** A day in the form that a text shows; null when it shows none. */
function inForm(day: Day, text: string): string | null {
  for (const found of text.matchAll(/(\p{L}{1,4})([./-]| [./-] ?)(\p{L}{1,4})\2(\p{L}{2,4})/gu)) {
    const [, first = '', mark = '', second = '', third = ''] = found;
    const letters = [first, second, third];
    const order = orderOf(letters);
    if (order) return order.map((part, at) => padded(day[part], letters[at]?.length ?? 2, part)).join(mark);
  }
  const example = /\b(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})\b/.exec(text);
  if (!example) return null;
  const [, first = '', mark = '', second = '', third = ''] = example;
  const order = exampleOrder(first, second, third);
  return order?.map((part) => padded(day[part], part === 'year' ? 4 : 2)).join(mark) ?? null;
}

function orderOf(letters: readonly string[]): (keyof Day)[] | null {
  const long = letters.findIndex((part) => part.length > 2);
  const year = long >= 0 ? long : letters.findIndex((part) => /^(yy|jj|aa|rr)$/i.test(part));
  if (year !== 0 && year !== 2) return null;
  const rest = letters.map((part, at) => (at === year ? 'year' : partOf(part)));
  return new Set(rest).size === 3 && rest.every((part) => part !== null) ? rest : null;
}

function partOf(letters: string): keyof Day | null {
  return LETTERS.find(([part, form]) => part !== 'year' && form.test(letters))?.[0] ?? null;
}

/** The order of an example such as 31.12.1990; null when it could be read in two ways. */
function exampleOrder(first: string, second: string, third: string): (keyof Day)[] | null {
  if (first.length === 4) return ['year', 'month', 'day'];
  if (third.length !== 4) return null;
  if (Number(first) > 12) return ['day', 'month', 'year'];
  return Number(second) > 12 ? ['month', 'day', 'year'] : null;
}

function padded(value: number, length: number, part?: keyof Day): string {
  const digits = String(value).padStart(length, '0');
  return part === 'year' && length === 2 ? digits.slice(-2) : digits;
}
