import { attributeNamesOf, attributeOf, baseOf } from './dom_access';
import { absolute } from './metadata';
import { KEPT_ATTRIBUTES, type AttributeName, type Attributes } from './types';
import { withoutUnseen } from './unseen_characters';

/** How much is kept of an attribute, in characters, where that is not a short name. */
const LONGEST_ADDRESS = 2000;
const LONGEST_ALTERNATIVE = 300;
const LONGEST_NAME = 200;
const ADDRESSES = new Set<AttributeName>(['href', 'src', 'cite']);
/** What a control holds is told by what it shows, and pictures by their alternative text. */
const ELSEWHERE = new Set<AttributeName>(['checked', 'src', 'alt']);
/** What the values of some attributes look like. Anything else in them means nothing. */
const FORMS = new Map<AttributeName, RegExp>([
  ['lang', /^[a-z]{1,8}(?:-[a-z0-9]{1,8})*$/i],
  ['dir', /^(?:ltr|rtl|auto)$/i],
  ['colspan', /^\s*\d+/],
  ['rowspan', /^\s*\d+/],
  ['start', /^\s*-?\d+/],
  ['role', /^[a-z][a-z -]*$/i],
]);

/** What is kept of an element's attributes, with absolute addresses. */
export function attributesOf(element: Element): Attributes {
  const kept: Attributes = {};
  for (const name of attributeNamesOf(element)) {
    if (!isKept(name)) continue;
    const value = attributeOf(element, name);
    // A place in the same page is of no use to who is not in it.
    if (value === null || (name === 'href' && value.startsWith('#'))) continue;
    const short = ADDRESSES.has(name) ? addressIn(element, value) : withoutUnseen(value.slice(0, LONGEST_NAME));
    if (short !== null && (FORMS.get(name)?.test(short) ?? true)) kept[name] = short;
  }
  return kept;
}

const KEPT: ReadonlySet<string> = new Set(KEPT_ATTRIBUTES.filter((name) => !ELSEWHERE.has(name)));

function isKept(name: string): name is AttributeName {
  return KEPT.has(name);
}

/** What is kept of a picture's attributes: also its address, and the text that stands for it. */
export function pictureAttributesOf(element: Element): Attributes {
  const kept = attributesOf(element);
  const alternative = withoutUnseen((attributeOf(element, 'alt') ?? '').slice(0, LONGEST_ALTERNATIVE));
  const tidy = alternative.replace(/\s+/g, ' ').trim();
  if (tidy !== '') kept.alt = tidy;
  const address = addressIn(element, attributeOf(element, 'src') ?? '');
  if (address !== null && address !== baseOf(element)) kept.src = address;
  return kept;
}

function addressIn(element: Element, value: string): string | null {
  const address = absolute(value, baseOf(element));
  return address !== null && address.length <= LONGEST_ADDRESS ? address : null;
}
