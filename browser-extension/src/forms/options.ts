import { countryCode, countryName, displayNames } from './countries';
import type { Kind } from './kind_names';
import type { FieldOption } from './types';
import { isNoChoice } from './no_choice';
import { LANGUAGES } from './words';
import { normalised } from './words/match';

/** The option that stands for a value; null when there is none, or two that could. */
export function optionFor(
  kind: Kind,
  value: string,
  options: readonly FieldOption[],
  language: string,
): FieldOption | null {
  const open = options.filter((option) => !option.isDisabled && !isNoChoice(option));
  if (kind === 'country' || kind === 'country-name' || kind === 'nationality') {
    const found = countryOption(value, open);
    if (found) return found;
  }
  if (kind === 'tel-country-code') return callingOption(value, open);
  const known = alternatives(kind, value, language).map((text) => normalised(text).trim());
  for (const text of known) {
    const found = only(open, (option) => plain(option.text) === text || plain(option.value) === text);
    if (found) return found;
  }
  // `Berlin (state)` stands for `Berlin` when no other option does.
  const [first = ''] = known;
  return first.length > 2 ? only(open, (option) => ` ${plain(option.text)} `.includes(` ${first} `)) : null;
}

/** The codes of an option are the country's, or its text is the country's name in some language. */
function countryOption(value: string, options: readonly FieldOption[]): FieldOption | null {
  const code = countryCode(value);
  if (!code) return null;
  return (
    only(options, (option) => option.value.toUpperCase() === code) ??
    only(options, (option) => countryCode(option.text) === code) ??
    only(options, (option) => plain(option.text).includes(plain(countryName(code, 'en'))))
  );
}

function callingOption(value: string, options: readonly FieldOption[]): FieldOption | null {
  const digits = value.replace(/\D/g, '');
  if (digits === '') return null;
  const sign = new RegExp(`(^|\\D)(00)?${digits}(\\D|$)`);
  return only(options, ({ text, value: own }) => own.replace(/^\+|^00/, '') === digits || sign.test(text));
}

/** A value and what else means the same. */
function alternatives(kind: Kind, value: string, language: string): string[] {
  if (kind === 'sex')
    return [
      value,
      ...synonyms(
        value,
        LANGUAGES.map(({ sexes }) => sexes),
      ),
    ];
  if (kind === 'honorific-prefix')
    return [
      value,
      ...synonyms(
        value,
        LANGUAGES.map(({ titles }) => titles),
      ),
    ];
  if (kind === 'bday-month') return months(value, language);
  if (kind === 'bday-day') return [value, value.padStart(2, '0'), `${value}.`, `${value}日`];
  if (kind === 'bday-year') return [value, `${value}年`];
  if (kind === 'language') return [value, ...languageNames(value, language)];
  if (kind === 'country' || kind === 'country-name') {
    const code = countryCode(value);
    return code ? [countryName(code, language), value, code] : [value];
  }
  return [value];
}

/** All words of all languages for what a word means. */
function synonyms(value: string, all: readonly (readonly (readonly string[])[])[]): string[] {
  const text = plain(value);
  const meanings = all.flatMap((ofLanguage) =>
    ofLanguage.flatMap((words, meaning) => (words.some((word) => plain(word) === text) ? [meaning] : [])),
  );
  const [meaning] = meanings;
  // One letter may mean two things in two languages.
  if (meaning === undefined || meanings.some((other) => other !== meaning)) return [];
  return all.flatMap((ofLanguage) => ofLanguage[meaning] ?? []);
}

function months(value: string, language: string): string[] {
  const month = Number(value);
  if (!(month >= 1 && month <= 12)) return [value];
  const moment = Date.UTC(2001, month - 1, 15);
  const names = [language || 'en', 'en'].flatMap((tag) =>
    (['long', 'short'] as const).map((style) => monthName(moment, tag, style)),
  );
  return [...names, String(month), value.padStart(2, '0'), `${month}月`];
}

function monthName(moment: number, tag: string, month: 'long' | 'short'): string {
  try {
    return new Intl.DateTimeFormat(tag, { month, timeZone: 'UTC' }).format(moment);
  } catch {
    return '';
  }
}

function languageNames(value: string, language: string): string[] {
  if (!/^[a-z]{2,3}(-[a-z0-9]+)*$/i.test(value)) return [];
  return [language, 'en', value].flatMap((tag) => {
    try {
      return displayNames(tag, 'language')?.of(value) ?? [];
    } catch {
      return [];
    }
  });
}

function only(options: readonly FieldOption[], fits: (option: FieldOption) => boolean): FieldOption | null {
  const found = options.filter(fits);
  return found.length === 1 ? (found[0] ?? null) : null;
}

function plain(text: string): string {
  return normalised(text).trim();
}
