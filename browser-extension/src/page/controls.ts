import {
  attributeOf,
  inputValueOf,
  isCheckedOf,
  selectedOptionsOf,
  textareaValueOf,
  textContentOf,
} from './dom_access';
import type { PageElement } from './types';
import { withoutUnseen } from './unseen_characters';

/** How much is kept of what a control shows, in characters. */
const LONGEST = 20_000;
const BUTTONS = new Set(['submit', 'button', 'reset']);
const BOXES = new Set(['checkbox', 'radio']);
const WRITTEN = new Set([
  '',
  'text',
  'search',
  'email',
  'tel',
  'url',
  'number',
  'date',
  'time',
  'datetime-local',
  'month',
  'week',
]);
/** What is filled in here is for the page alone. */
const SECRET = /\b(?:cc-[a-z-]+|one-time-code|new-password|current-password)\b/i;

/** What a control shows, as an element of a snapshot; null when that is nothing, or not for others. */
export function controlOf(element: Element, tag: string): PageElement | null {
  switch (tag) {
    case 'input':
      return inputOf(element);
    case 'textarea':
      return withText('textarea', textareaValueOf(element));
    case 'select': {
      const chosen = Array.from(selectedOptionsOf(element)).slice(0, 100);
      return withText('select', chosen.map((option) => (textContentOf(option) ?? '').trim()).join(', '));
    }
    default:
      return null;
  }
}

function inputOf(element: Element): PageElement | null {
  const type = (attributeOf(element, 'type') ?? '').toLowerCase();
  if (BOXES.has(type)) {
    const attributes = isCheckedOf(element) ? { type, checked: '' } : { type };
    return { tag: 'input', attributes, children: [] };
  }
  const value = inputValueOf(element);
  if (BUTTONS.has(type)) return withText('button', value);
  if (!WRITTEN.has(type) || SECRET.test(attributeOf(element, 'autocomplete') ?? '')) return null;
  return withText('input', value);
}

function withText(tag: string, text: string): PageElement | null {
  const shown = withoutUnseen(text.slice(0, LONGEST));
  if (shown.trim() === '') return null;
  return tag === 'textarea'
    ? { tag, attributes: {}, children: [shown], isBlock: true, keepsSpace: true }
    : { tag, attributes: {}, children: [shown.replace(/\s+/g, ' ').trim()] };
}
