import { callingCode, callingCodeIn, countryCalled, hasTrunkZero } from './countries';

/** A telephone number, in parts. */
export interface Telephone {
  /** Digits without a plus; null when neither the number nor the country tells. */
  countryCode: string | null;
  /** The country that the number is of. */
  country: string | null;
  /** As it is dialled within the country, spaced as it was written. */
  national: string;
  /** Of the place, where the number was written with it apart. */
  area: string | null;
  local: string | null;
}

/** Parts a telephone number, which is of this country when it does not say. */
export function partedTelephone(written: string, country: string | null): Telephone | null {
  const text = written.trim().replace(/\(0\)/g, ' ').replace(/^00/, '+');
  if (!/^\+?[\d\s()./-]{4,40}$/.test(text)) return null;
  const groups = text
    .replace(/^\+/, '')
    .split(/[^\d]+/)
    .filter(Boolean);
  const digits = groups.join('');
  if (!text.startsWith('+')) {
    const code = country ? callingCode(country) : null;
    return { countryCode: code, country, national: groups.join(' '), ...placeIn(groups) };
  }
  const code = callingCodeIn(digits);
  if (!code) return null;
  const of = country && callingCode(country) === code ? country : countryCalled(code);
  const rest = without(groups, code.length);
  if (hasTrunkZero(of) && rest[0] && !rest[0].startsWith('0')) rest[0] = `0${rest[0]}`;
  return { countryCode: code, country: of, national: rest.join(' '), ...placeIn(rest) };
}

/** +49 30 1234567 */
export function internationalForm({ countryCode, country, national }: Telephone): string | null {
  if (countryCode === null) return null;
  return `+${countryCode} ${hasTrunkZero(country) ? national.replace(/^0/, '') : national}`;
}

function placeIn(groups: readonly string[]): Pick<Telephone, 'area' | 'local'> {
  const [area, ...local] = groups;
  return area && local.length > 0 ? { area, local: local.join(' ') } : { area: null, local: null };
}

/** Groups of digits without the first ones. */
function without(groups: readonly string[], count: number): string[] {
  const rest = [...groups];
  let left = count;
  while (left > 0 && rest.length > 0) {
    const first = rest.shift() as string;
    if (first.length > left) rest.unshift(first.slice(left));
    left -= first.length;
  }
  return rest;
}
