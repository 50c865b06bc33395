import { plural } from '../../../ui/src/i18n/locale.svelte';
import type { Kind, Section } from './kind_names';
import type { FillOutcome, Reason, Refusal, UndoOutcome } from './types';

const kinds: Record<Kind, string> = {
  name: 'Full name',
  'honorific-prefix': 'Form of address',
  'given-name': 'First name',
  'additional-name': 'Middle name',
  'family-name': 'Last name',
  'honorific-suffix': 'Name suffix',
  nickname: 'Nickname',
  username: 'User name',
  'organization-title': 'Job title',
  organization: 'Organisation',
  'street-address': 'Street address',
  'address-line1': 'Address, first line',
  'address-line2': 'Address, second line',
  'address-line3': 'Address, third line',
  'address-level1': 'State or region',
  'address-level2': 'Town or city',
  country: 'Country',
  'country-name': 'Country',
  'postal-code': 'Postcode',
  bday: 'Date of birth',
  'bday-day': 'Day of birth',
  'bday-month': 'Month of birth',
  'bday-year': 'Year of birth',
  sex: 'Gender',
  url: 'Website',
  tel: 'Telephone',
  'tel-country-code': 'Country calling code',
  'tel-national': 'Telephone without country code',
  'tel-area-code': 'Area code',
  'tel-local': 'Telephone without area code',
  'tel-extension': 'Telephone extension',
  email: 'Email address',
  language: 'Language',
  street: 'Street',
  'house-number': 'House number',
  'vat-number': 'VAT number',
  'tax-number': 'Tax number',
  'identity-number': 'Number of an identity document or insurance',
  'passport-number': 'Passport number',
  nationality: 'Nationality',
  'birth-place': 'Place of birth',
  school: 'School or university',
  degree: 'Degree',
  'name-reading': 'Reading of the name',
  'given-name-reading': 'Reading of the first name',
  'family-name-reading': 'Reading of the last name',
};

const sections: Record<Section, string> = {
  shipping: 'for delivery',
  billing: 'for the invoice',
  home: 'at home',
  work: 'at work',
  mobile: 'mobile',
};

const outcomes: Record<FillOutcome, string> = {
  filled: 'Filled in',
  altered: 'The page changed the value',
  gone: 'The field is not in the page any more',
  hidden: 'The field cannot be seen or changed any more',
  swapped: 'Another field stands there now; it was left alone',
  changed: 'It was changed after this list was made; it was left alone',
  refused: 'The page did not take the value',
  'no option': 'The page does not offer this choice any more',
  same: 'It held this already',
};

const undoOutcomes: Record<UndoOutcome, string> = {
  restored: 'As it was before',
  changed: 'It was changed since; it was left alone',
  gone: 'The field is not in the page any more',
  refused: 'The page did not take the old value back',
};

const refusals: Record<Refusal['why'], string> = {
  withheld: 'Numbers of this sort are never filled in',
  'no option': 'The page offers no such choice',
  'too long': 'It is longer than the page allows',
  'too short': 'It is shorter than the page allows',
  pattern: 'It does not have the form that the page asks for',
  range: 'It lies outside of what the page allows',
  'not a date': 'The page asks for a date',
  'not a number': 'The page asks for a number',
};

const reasons: Record<Reason['by'], (words: string) => string> = {
  autocomplete: (words) => `the page marks it as “${words}”`,
  type: (words) => `it is a field of the type “${words}”`,
  label: (words) => `its label says “${words}”`,
  name: (words) => `its name in the page says “${words}”`,
  identifier: (words) => `its identifier in the page says “${words}”`,
  placeholder: (words) => `its placeholder says “${words}”`,
  heading: (words) => `the heading over it says “${words}”`,
  neighbours: () => 'the fields beside it tell',
};

/** The texts of the preview in English; the other languages have the same form. */
export const english = {
  title: 'Fill in this form',
  intro: 'Only what you tick goes into the page. Nothing is submitted: you send the form yourself.',
  none: 'There are no fields to fill in',
  noneText: 'This page shows no fields that can be filled in. Passwords, codes and payment cards are never read.',
  unnamed: 'Field without a label',
  fill: (count: number) => (count === 0 ? 'Fill in' : `Fill in ${plural(count, 'field', 'fields')}`),
  filling: 'Filling in …',
  undo: 'Undo all',
  include: (label: string) => `Fill in “${label}”`,
  value: (label: string) => `Value for “${label}”`,
  which: (label: string) => `Which value goes into “${label}”?`,
  from: (source: string) => `From: ${source}`,
  edited: 'Changed by you',
  overwrites: (value: string) => `Would overwrite “${value}”`,
  required: 'Required',
  unsure: 'Not sure',
  several: 'Several values',
  left: (count: number) => `${plural(count, 'field gets', 'fields get')} nothing`,
  unknown: 'It is not clear what it asks for',
  question: 'It asks something of its own',
  missing: (kind: string) => `Nothing is kept of you for: ${kind}`,
  refusal: (value: string, why: string) => (value === '' ? why : `“${value}”: ${why}`),
  asks: (kind: string, section: string | null, reason: string | null) =>
    `${kind}${section === null ? '' : `, ${section}`}${reason === null ? '' : `: ${reason}`}`,
  filled: (count: number) => `${plural(count, 'field was', 'fields were')} filled in`,
  undone: (count: number) => `${plural(count, 'field is', 'fields are')} as before`,
  stopped: (count: number) =>
    `The page tried ${plural(count, 'time', 'times')} to submit or to leave meanwhile, and was stopped`,
  holds: (outcome: string, value: string) => (value === '' ? outcome : `${outcome}: “${value}”`),
  yes: 'Ticked',
  kinds,
  sections,
  outcomes,
  undoOutcomes,
  refusals,
  reasons,
};

/** The form that the texts have in every language. */
export type FormMessages = typeof english;
