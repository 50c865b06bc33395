import type { Kind } from './kind_names';
import type { Classified, FormField } from './types';
import { kindsIn } from './vocabulary';
import { normalised } from './words/match';

/** Words for day, month and year. */
const PARTS: readonly [Kind, RegExp][] = [
  ['bday-day', / (day|dd|tag|tt|jour|dia|giorno|dag|dzien|den|gun|日) |日/u],
  ['bday-month', / (month|mm|monat|mois|mes|mese|maand|miesiac|mesic|manad|ay|月) |月/u],
  ['bday-year', / (year|yyyy|jahr|jjjj|annee|ano|anno|jaar|rok|ar|yil|年) |年/u],
];

/** What fields ask for once those beside them are known too, in the same order. */
export function inContext(fields: readonly FormField[], alone: readonly Classified[]): Classified[] {
  return alone.map((classified, at) => {
    const field = fields[at] as FormField;
    const beside = alone.filter(
      (other, index) => index !== at && isBeside(fields[index] as FormField, other, field, classified),
    );
    return inPlace(field, classified, new Set(beside.map(({ kind }) => kind)));
  });
}

function isBeside(other: FormField, otherKind: Classified, field: FormField, kind: Classified): boolean {
  return other.form === field.form && otherKind.section === kind.section;
}

function inPlace(field: FormField, classified: Classified, beside: ReadonlySet<Kind | null>): Classified {
  const { kind } = classified;
  const as = (changed: Kind, certainty: number): Classified => ({
    ...classified,
    kind: changed,
    certainty: Math.min(certainty, classified.certainty || certainty),
    reason: { by: 'neighbours', words: field.label },
    question: null,
  });
  if (classified.reason?.by === 'autocomplete') return classified;
  if (kind === 'name' && beside.has('given-name') && !beside.has('family-name')) return as('family-name', 0.85);
  if (kind === 'name-reading' && beside.has('given-name-reading')) return as('family-name-reading', 0.85);
  // `Street` alone takes the number as well when no other field does.
  if (kind === 'street' && !beside.has('house-number')) return as('street-address', 0.9);
  if (kind === 'street-address' && beside.has('address-line2')) return as('address-line1', 0.85);
  if (kind === 'tel' && beside.has('tel-country-code')) return as('tel-national', 0.85);
  if ((kind === 'street-address' || kind === 'address-line1') && beside.has('house-number')) return as('street', 0.8);
  if (
    kind === 'house-number' &&
    !beside.has('street') &&
    !beside.has('street-address') &&
    !beside.has('address-line1')
  ) {
    return { ...classified, certainty: classified.certainty * 0.5 };
  }
  if ((kind === null || kind === 'bday') && isOfBirth(field)) {
    const part = PARTS.find(([, words]) =>
      [field.label, field.name, field.placeholder].some((text) => words.test(normalised(text))),
    );
    if (part && (field.type.startsWith('select') || field.type === 'number' || isShort(field)))
      return as(part[0], 0.85);
  }
  return classified;
}

/** Whether what stands over a field, or its name, speaks of a birthday. */
function isOfBirth(field: FormField): boolean {
  return [field.heading, field.label, field.name].some((text) =>
    kindsIn(text, field.language, true).some(({ kind, score }) => kind === 'bday' && score > 0.5),
  );
}

function isShort({ constraints }: FormField): boolean {
  return constraints.maximumLength !== null && constraints.maximumLength <= 4;
}
