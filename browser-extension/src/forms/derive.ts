import { addressLines, joinedStreet, partedStreet } from './addresses';
import { countryCode } from './countries';
import { dayOf, isoDay } from './dates';
import type { Kind, Section } from './kind_names';
import { joinedName, partedName, type NameParts } from './names';
import type { Profile, Valued } from './profile';
import { internationalForm, partedTelephone, type Telephone } from './telephone';

/** How many ways of joining competing parts are offered. */
const MOST_JOINED = 6;

/** All values that are kept for a kind, or that can be made of what is kept; those of the best section alone.
 *
 * @param section of the field; null: of every section
 * @param language of the field, as a BCP 47 tag */
export function valuesOf(kind: Kind, section: Section | null, profile: Profile, language: string): Valued[] {
  const found: Valued[] = [];
  for (const at of profile.sectionsFor(section)) {
    const kept = profile.of(kind, at);
    const values = kept.length > 0 ? kept : derived(kind, at, profile, language);
    // A value of no section may be another one than that for work.
    const isSure = at !== null || section !== 'work';
    found.push(...values.map((value) => ({ ...value, isSure: value.isSure && isSure })));
    if (section !== null && found.length > 0) break;
  }
  return merged(found);
}

/** The country that is kept for a section, by its code; null when there is none or several. */
export function countryOf(section: Section | null, profile: Profile): string | null {
  for (const at of profile.sectionsFor(section)) {
    const codes = new Set(
      [...profile.of('country', at), ...profile.of('country-name', at)].map(({ text }) => countryCode(text)),
    );
    const [code] = codes;
    if (code && codes.size === 1) return code;
  }
  return null;
}

function derived(kind: Kind, section: Section | null, profile: Profile, language: string): Valued[] {
  const country = countryOf(section, profile);
  const from = (of: Kind, part: (text: string) => string | null, isSure = true): Valued[] =>
    profile.of(of, section).flatMap((value) => {
      const text = part(value.text);
      return text ? [{ text, sources: value.sources, isSure: value.isSure && isSure }] : [];
    });
  const ofName = (part: (parts: NameParts) => string): Valued[] =>
    profile.of('name', section).flatMap(({ text, sources }) => {
      const parts = partedName(text);
      return parts && part(parts) ? [{ text: part(parts), sources, isSure: parts.isSure }] : [];
    });
  const ofBirth = (part: 'year' | 'month' | 'day'): Valued[] =>
    from('bday', (text) => dayOf(text)?.[part].toString() ?? null);
  const ofTelephone = (part: (parts: Telephone) => string | null): Valued[] =>
    from('tel', (text) => {
      const parts = partedTelephone(text, country);
      return parts ? part(parts) : null;
    });
  const line = (at: number): Valued[] => from('street-address', (text) => addressLines(text)[at] ?? null);
  const streetLine = (): Valued[] =>
    joined([profile.of('street', section), profile.of('house-number', section)], ([street = '', number = '']) =>
      joinedStreet({ street, number }, country),
    );
  const streetPart = (part: 'street' | 'number'): Valued[] => {
    const split = (text: string): string | null => partedStreet(addressLines(text)[0] ?? '')?.[part] ?? null;
    return firstOf(from('street-address', split), from('address-line1', split));
  };

  switch (kind) {
    case 'name':
      return joined(
        [
          profile.of('given-name', section),
          orNone(profile.of('additional-name', section)),
          profile.of('family-name', section),
        ],
        ([given = '', additional = '', family = '']) => joinedName(given, additional, family, language),
      );
    case 'name-reading':
      return joined([profile.of('family-name-reading', section), profile.of('given-name-reading', section)], (parts) =>
        parts.join(' '),
      );
    case 'given-name':
      return ofName(({ given }) => given);
    case 'additional-name':
      return ofName(({ additional }) => additional);
    case 'family-name':
      return ofName(({ family }) => family);
    case 'street-address':
      return firstOf(
        joined(
          [
            profile.of('address-line1', section),
            orNone(profile.of('address-line2', section)),
            orNone(profile.of('address-line3', section)),
          ],
          (lines) => lines.filter(Boolean).join('\n'),
        ),
        streetLine(),
      );
    case 'address-line1':
      return firstOf(line(0), streetLine());
    case 'address-line2':
      return line(1);
    case 'address-line3':
      return line(2);
    case 'street':
      return streetPart('street');
    case 'house-number':
      return streetPart('number');
    case 'country':
      return profile.of('country-name', section);
    case 'country-name':
      return profile.of('country', section);
    case 'bday':
      return joined(
        [profile.of('bday-year', section), profile.of('bday-month', section), profile.of('bday-day', section)],
        ([year = '', month = '', day = '']) => {
          const of = dayOf(`${year.padStart(4, '0')}-${month}-${day}`);
          return of ? isoDay(of) : '';
        },
      );
    case 'bday-day':
      return ofBirth('day');
    case 'bday-month':
      return ofBirth('month');
    case 'bday-year':
      return ofBirth('year');
    case 'tel':
      return joined(
        [profile.of('tel-country-code', section), profile.of('tel-national', section)],
        ([code = '', national = '']) => `+${code.replace(/\D/g, '')} ${national}`,
      ).flatMap((value) => {
        const parts = partedTelephone(value.text, country);
        const text = parts && internationalForm(parts);
        return text ? [{ ...value, text }] : [];
      });
    case 'tel-country-code':
      return ofTelephone(({ countryCode: code }) => code && `+${code}`);
    case 'tel-national':
      return ofTelephone(({ national }) => national);
    case 'tel-area-code':
      return ofTelephone(({ area }) => area);
    case 'tel-local':
      return ofTelephone(({ local }) => local);
    default:
      return [];
  }
}

/** Every way to join values of several kinds; none when one kind has no value. */
function joined(parts: readonly (readonly Valued[])[], join: (texts: readonly string[]) => string): Valued[] {
  let ways: Valued[][] = [[]];
  for (const values of parts)
    ways = ways.flatMap((way) => values.map((value) => [...way, value])).slice(0, MOST_JOINED);
  return ways.flatMap((way) => {
    const text = join(way.map((value) => value.text));
    const sources = way.flatMap((value) => value.sources);
    return text === '' ? [] : [{ text, sources, isSure: way.every((value) => value.isSure) }];
  });
}

function orNone(values: Valued[]): Valued[] {
  return values.length > 0 ? values : [{ text: '', sources: [], isSure: true }];
}

function firstOf(...all: Valued[][]): Valued[] {
  return all.find((values) => values.length > 0) ?? [];
}

/** Values of the same text as one. */
function merged(values: readonly Valued[]): Valued[] {
  const byText = new Map<string, Valued>();
  for (const value of values) {
    const known = byText.get(value.text);
    const sources = [...(known?.sources ?? []), ...value.sources];
    const isSure = value.isSure || (known?.isSure ?? false);
    byText.set(value.text, { text: value.text, sources: unlike(sources), isSure });
  }
  return [...byText.values()];
}

function unlike(sources: readonly Valued['sources'][number][]): Valued['sources'] {
  return [...new Map(sources.map((source) => [source.id, source])).values()];
}
