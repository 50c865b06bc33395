import { isNumberFirst } from './countries';

/** A street with the number of a house in it. */
export interface StreetParts {
  street: string;
  number: string;
}

/** Parts the line of a street; null when no number stands at its beginning or end. */
export function partedStreet(line: string): StreetParts | null {
  const text = line.trim();
  const after = /^(.*\D)[\s,]+(\d+(?:\s?[a-z])?(?:\s?[-–/]\s?\d+\s?[a-z]?)?)$/iu.exec(text);
  if (after) return { street: (after[1] ?? '').replace(/[\s,]+$/, ''), number: after[2] ?? '' };
  const before = /^(\d+\s?(?:[a-z]|bis|ter)?(?:\s?[-–/]\s?\d+\s?[a-z]?)?)[\s,]+(\D.*)$/iu.exec(text);
  return before ? { street: before[2] ?? '', number: before[1] ?? '' } : null;
}

/** The line of a street, as its country writes it. */
export function joinedStreet({ street, number }: StreetParts, country: string | null): string {
  if (isNumberFirst(country)) return `${number} ${street}`;
  return /^(IT|ES|PT|BR)$/.test(country ?? '') ? `${street}, ${number}` : `${street} ${number}`;
}

/** The lines of an address that was written in several, or with commas. */
export function addressLines(address: string): string[] {
  return address
    .split(/\r?\n/)
    .map((line) => line.trim().replace(/,$/, ''))
    .filter(Boolean);
}
