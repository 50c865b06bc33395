import { describe } from './describe';
import { isCard, isSecret } from './secrets';
import { survey, type Control } from './survey';
import type { FormField } from './types';

/** A field that was read, with its controls in the page. */
export interface Held {
  field: FormField;
  control: Control;
}

const held = new Map<string, Held>();
const ids = new WeakMap<object, string>();
let lastId = 0;
let page: Document | null = null;

/** Reads the fields of a page that a person can see and fill, in the page's order, and keeps their elements for a
 * filling. What is secret, hidden, covered, closed or of another origin is left out; nothing in the page is changed. */
export function readFields(document: Document): FormField[] {
  page = document;
  held.clear();
  for (const found of surveyFields(document)) held.set(found.field.id, found);
  return [...held.values()].map(({ field }) => field);
}

/** The field of that id as it was read; null when there is none. */
export function heldField(id: string): Held | null {
  return held.get(id) ?? null;
}

/** The fields of the page that was read, as they are now, by their ids. */
export function presentFields(): Map<string, Held> {
  return new Map(page ? surveyFields(page).map((found) => [found.field.id, found]) : []);
}

/** Whether a field says the same of itself as when it was read; what it holds may differ. */
export function isSameField(before: FormField, now: Omit<FormField, 'id' | 'form'>): boolean {
  return (
    before.type === now.type &&
    before.label === now.label &&
    before.name === now.name &&
    before.placeholder === now.placeholder &&
    before.autocomplete.join(' ') === now.autocomplete.join(' ')
  );
}

function surveyFields(document: Document): Held[] {
  const described = survey(document).map((control) => {
    const description = describe(control.type, control.elements, control.heading);
    return { control, description };
  });
  const paying = new Set(described.filter(({ description }) => isCard(description)).map(({ control }) => control.form));
  return described
    .filter(({ control, description }) => !isSecret(description, paying.has(control.form)))
    .map(({ control, description }) => ({
      control,
      field: { ...description, id: idOf(control.elements[0]), form: idOf(control.form) },
    }));
}

function idOf(thing: object): string {
  const known = ids.get(thing);
  if (known) return known;
  lastId += 1;
  const id = `field-${lastId}`;
  ids.set(thing, id);
  return id;
}
