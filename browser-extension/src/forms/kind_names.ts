/** What fields ask for: the tokens of `autocomplete`, and names of ours where it has none. */
export const KINDS = [
  'name',
  'honorific-prefix',
  'given-name',
  'additional-name',
  'family-name',
  'honorific-suffix',
  'nickname',
  'username',
  'organization-title',
  'organization',
  'street-address',
  'address-line1',
  'address-line2',
  'address-line3',
  'address-level1',
  'address-level2',
  'country',
  'country-name',
  'postal-code',
  'bday',
  'bday-day',
  'bday-month',
  'bday-year',
  'sex',
  'url',
  'tel',
  'tel-country-code',
  'tel-national',
  'tel-area-code',
  'tel-local',
  'tel-extension',
  'email',
  'language',
  'street',
  'house-number',
  'vat-number',
  'tax-number',
  'identity-number',
  'passport-number',
  'nationality',
  'birth-place',
  'school',
  'degree',
  'name-reading',
  'given-name-reading',
  'family-name-reading',
] as const;

/** What a field can ask for. */
export type Kind = (typeof KINDS)[number];

/** Whose address or number it is, and what for. */
export const SECTIONS = ['shipping', 'billing', 'home', 'work', 'mobile'] as const;

/** Whose or what for a value can be. */
export type Section = (typeof SECTIONS)[number];

/** Kinds that are told but never filled. */
export const WITHHELD: ReadonlySet<Kind> = new Set<Kind>(['tax-number', 'identity-number', 'passport-number']);

const KNOWN: ReadonlySet<string> = new Set(KINDS);
const KNOWN_SECTIONS: ReadonlySet<string> = new Set(SECTIONS);

/** The kind of that name; null when there is none. */
export function kindNamed(name: string): Kind | null {
  if (name === 'job-title') return 'organization-title';
  return KNOWN.has(name) ? (name as Kind) : null;
}

/** The section of that name; null when there is none. */
export function sectionNamed(name: string): Section | null {
  return KNOWN_SECTIONS.has(name) ? (name as Section) : null;
}
