import { isOpen, typeOf } from './controls';
import type { Covers } from './covers';
import { describe, type Description } from './describe';
import { attribute, formOf, getRootNode, tag } from './dom';
import { isCard, isSecret } from './secrets';
import type { FieldType, FormField } from './types';
import { isBoxVisible, isVisible } from './visibility';
import { areFramesVisible, walk, type Framed, type Met } from './walk';

const MOST_FIELDS = 400;

/** A field that was read, with its elements in the page. */
export interface Held {
  field: FormField;
  /** One, or all radio buttons of a group. */
  elements: readonly [Element, ...Element[]];
  heading: string;
  frames: readonly Framed[];
  covers: Covers;
}

const held = new Map<string, Held>();
const ids = new WeakMap<object, string>();
let lastId = 0;

/** Reads the fields of a page that a person can see and fill, in the page's order, and keeps their elements for a
 * filling. What is secret, hidden, covered, closed or of another origin is left out; nothing in the page is changed. */
export function readFields(document: Document): FormField[] {
  held.clear();
  const found = groups(walk(document)).slice(0, MOST_FIELDS);
  const described = found.map((group) => ({
    ...group,
    description: describe(group.type, group.elements, group.heading),
  }));
  const paying = new Set(described.filter(({ description }) => isCard(description)).map(({ form }) => form));
  for (const { description, form, elements, heading, frames, covers } of described) {
    if (isSecret(description, paying.has(form))) continue;
    const field = { ...description, id: idOf(elements[0]), form: idOf(form) };
    held.set(field.id, { field, elements, heading, frames, covers });
  }
  return [...held.values()].map(({ field }) => field);
}

/** The field of that id as it was read; null when there is none. */
export function heldField(id: string): Held | null {
  return held.get(id) ?? null;
}

/** Whether a person sees the field and may change it now. */
export function isReachable({
  field,
  elements,
  frames,
  covers,
}: Pick<Held, 'elements' | 'frames' | 'covers'> & { field: { type: FieldType } }): boolean {
  return areFramesVisible(frames) && elements.some((element) => isOpen(element) && isSeen(field.type, element, covers));
}

/** Whether a field says the same of itself as when it was read, what it holds aside. */
export function isUnchanged(before: Description, now: Description): boolean {
  return (
    before.type === now.type &&
    before.label === now.label &&
    before.name === now.name &&
    before.placeholder === now.placeholder &&
    before.autocomplete.join(' ') === now.autocomplete.join(' ')
  );
}

interface Group {
  type: FieldType;
  elements: [Element, ...Element[]];
  heading: string;
  frames: readonly Framed[];
  covers: Covers;
  form: object;
}

/** The controls that can be seen, with the radio buttons of a group as one. */
function groups(all: readonly Met[]): Group[] {
  const found: Group[] = [];
  const radios = new Map<object, Map<string, Group>>();
  const frames = new Map<readonly Framed[], boolean>();
  for (const { element, ...place } of all) {
    const type = controlType(element);
    if (!type || !isOpen(element) || !isSeen(type, element, place.covers)) continue;
    if (!frames.has(place.frames)) frames.set(place.frames, areFramesVisible(place.frames));
    if (!frames.get(place.frames)) continue;
    const form = formOf(element) ?? getRootNode(element);
    const name = type === 'radio' ? (attribute(element, 'name') ?? '') : '';
    const ofForm = radios.get(form) ?? new Map<string, Group>();
    const known = name === '' ? undefined : ofForm.get(name);
    if (known) {
      known.elements.push(element);
      continue;
    }
    const group: Group = { type, elements: [element], form, ...place };
    if (name !== '') radios.set(form, ofForm.set(name, group));
    found.push(group);
  }
  return found;
}

function controlType(element: Element): FieldType | null {
  return tag(element) === '' ? null : typeOf(element);
}

function isSeen(type: FieldType, element: Element, covers: Covers): boolean {
  return type === 'radio' || type === 'checkbox' ? isBoxVisible(element, covers) : isVisible(element, covers);
}

function idOf(thing: object): string {
  const known = ids.get(thing);
  if (known) return known;
  lastId += 1;
  const id = `field-${lastId}`;
  ids.set(thing, id);
  return id;
}
