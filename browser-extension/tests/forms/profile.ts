import type { ProfileEntry } from '../../src/forms/types';

/** A profile of these kinds and values; each comes from an entry of its own. */
export function profileOf(values: Record<string, string>): ProfileEntry[] {
  return Object.entries(values).map(([kind, value]) => ({
    kind,
    value,
    source: { id: kind, text: `${kind}: ${value}` },
  }));
}

/** Someone who lives in Bristol. */
export const ALEX = profileOf({
  'honorific-prefix': 'Mr',
  'given-name': 'Alex',
  'additional-name': 'Jordan',
  'family-name': 'Whitfield',
  nickname: 'Lex',
  email: 'alex@whitfield.example',
  tel: '+44 117 4960123',
  bday: '1987-03-09',
  sex: 'male',
  'address-line1': '12 Quayside Road',
  'address-line2': 'Flat 4',
  'address-level2': 'Bristol',
  'address-level1': 'Avon',
  'postal-code': 'BS1 4QA',
  country: 'GB',
  organization: 'Harbour Instruments',
  'organization-title': 'Hydrologist',
  url: 'https://whitfield.example',
  language: 'en',
  nationality: 'GB',
  'birth-place': 'Truro',
  school: 'University of Exeter',
  degree: 'Master of Science',
  'vat-number': 'GB123456789',
  'tax-number': '1234567890',
  'passport-number': '987654321',
});

/** The same person, by what Ambit remembers: as people write such things down. */
export const ALEX_REMEMBERED = [
  'Title: Mr',
  'First name: Alex',
  'Middle name: Jordan',
  'Last name: Whitfield',
  'Full name: Alex Whitfield',
  'Nickname: Lex',
  'My email address is alex@whitfield.example',
  'Phone number: +44 117 4960123',
  'Date of birth: 1987-03-09',
  'Gender: male',
  'Address line 1: 12 Quayside Road',
  'Address line 2: Flat 4',
  'Town: Bristol',
  'County: Avon',
  'Postcode: BS1 4QA',
  'Country: GB',
  'Company: Harbour Instruments',
  'Job title: Hydrologist',
  'Website: https://whitfield.example',
  'Preferred language: English',
  'Nationality: GB',
  'Place of birth: Truro',
  'University: University of Exeter',
  'Highest qualification: Master of Science',
  'VAT number: GB123456789',
  // Numbers of these sorts are never filled in.
  'Tax identification number: 1234567890',
  'Passport number: 987654321',
];

/** What stands in the fields of `pages/plain.html`, by their names, once what is kept of them is filled in. */
export const ALEX_IN_PLAIN = {
  title: '2',
  first: 'Alex',
  middle: 'Jordan',
  last: 'Whitfield',
  pref: 'Lex',
  b: '1987-03-09',
  g: 'm',
  nat: 'United Kingdom',
  pob: 'Truro',
  mail: 'alex@whitfield.example',
  phone: '+441174960123',
  site: 'https://whitfield.example',
  a1: '12 Quayside Road',
  a2: 'Flat 4',
  town: 'Bristol',
  cty: 'Avon',
  pc: 'BS14QA',
  country: 'GB',
  company: 'Harbour Instruments',
  job: 'Hydrologist',
  sch: 'University of Exeter',
  deg: 'Master of Science',
  vat: 'GB123456789',
  tin: '',
  pass: '',
  lang: 'English',
  visit: '',
  books: '',
  why: '',
};

/** Someone who lives in Kassel. */
export const JUTTA = profileOf({
  'honorific-prefix': 'Frau',
  name: 'Jutta von der Aue',
  email: 'jutta@aue.example',
  tel: '+49 561 4960123',
  bday: '1979-11-30',
  sex: 'female',
  street: 'Wilhelmshöher Allee',
  'house-number': '17a',
  'postal-code': '34117',
  'address-level2': 'Kassel',
  country: 'DE',
  nationality: 'DE',
  organization: 'Spinnerei Aue',
});

/** Someone who lives in Rennes. */
export const ODILE = profileOf({
  'honorific-prefix': 'Madame',
  name: 'Odile Perrin',
  bday: '1990-07-04',
  street: 'rue des Tanneurs',
  'house-number': '8 bis',
  'postal-code': '35000',
  'address-level2': 'Rennes',
  country: 'France',
  tel: '+33 2 99 00 01 02',
  email: 'odile@perrin.example',
  'job-title': 'Relieuse',
  'identity-number': '290073500000000',
});

/** Someone who lives in Madrid. */
export const INES = profileOf({
  'given-name': 'Inés',
  'family-name': 'Robledo Sanz',
  bday: '1994-03-05',
  street: 'Calle del Olmo',
  'house-number': '21',
  'postal-code': '28012',
  'address-level2': 'Madrid',
  'address-level1': 'Madrid',
  country: 'ES',
  tel: '+34 912 345 678',
  email: 'ines@robledo.example',
});

/** Someone who lives in Kyoto. */
export const CHINATSU = profileOf({
  name: '森川 千夏',
  'family-name-reading': 'モリカワ',
  'given-name-reading': 'チナツ',
  sex: '女性',
  bday: '1992-05-18',
  'postal-code': '600-8216',
  'address-level1': '京都府',
  'address-level2': '京都市下京区',
  country: 'JP',
  tel: '+81 75 496 0123',
  email: 'chinatsu@morikawa.example',
  organization: '森川製本所',
});
