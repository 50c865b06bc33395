import {
  attribute,
  elementById,
  firstElementChild,
  inputType,
  isEditable,
  isMultiple,
  keyword,
  matches,
  nextElementSibling,
  parentNode,
  shownParent,
  isElement,
  tag,
} from './dom';
import type { FieldType } from './types';

const INPUTS: ReadonlySet<string> = new Set([
  'text',
  'email',
  'tel',
  'url',
  'search',
  'number',
  'date',
  'month',
  'week',
  'time',
  'datetime-local',
  'radio',
  'checkbox',
]);
const DEEPEST = 512;
const MOST_OPTIONS = 600;
/** What does more than choose when it is clicked: it may submit or lead away. */
const PRESSING = ':is(button, a, input, label, summary), :is(button, a, label, summary) *';

/** What sort of control an element is; null when it is none that can be read and filled. */
export function typeOf(element: Element): FieldType | null {
  const name = tag(element);
  if (name === 'input') {
    const type = inputType(element);
    if (!INPUTS.has(type) || isMasked(element)) return null;
    const isTyped = type === 'text' || type === 'search';
    return isTyped && keyword(element, 'role') === 'combobox' ? 'combobox' : (type as FieldType);
  }
  if (name === 'textarea') return 'textarea';
  if (name === 'select') return isMultiple(element) ? 'select-multiple' : 'select';
  if (name === '') return null;
  if (keyword(element, 'role') === 'listbox')
    return keyword(element, 'aria-multiselectable') === 'true' ? null : 'listbox';
  return isEditingHost(element) ? 'editable' : null;
}

/** Whether what is typed is shown as dots, as passwords are. */
function isMasked(element: Element): boolean {
  const masking = getComputedStyle(element).getPropertyValue('-webkit-text-security');
  return masking !== '' && masking !== 'none';
}

/** Whether an element is the outermost of a text that can be edited. */
function isEditingHost(element: Element): boolean {
  const editable = attribute(element, 'contenteditable');
  if (editable === null || !/^(|true|plaintext-only)$/i.test(editable.trim()) || !isEditable(element)) return false;
  const parent = parentNode(element);
  return !isElement(parent) || tag(parent) === '' || !isEditable(parent);
}

/** Whether the page lets a person change a control. */
export function isOpen(element: Element): boolean {
  if (matches(element, ':disabled, [readonly]:not(select, [type=checkbox], [type=radio])')) return false;
  if (keyword(element, 'aria-disabled') === 'true' || keyword(element, 'aria-readonly') === 'true') return false;
  let depth = 0;
  for (let at: Element | null = element; at && depth < DEEPEST; at = shownParent(at), depth += 1) {
    if (attribute(at, 'inert') !== null || keyword(at, 'aria-hidden') === 'true') return false;
  }
  return true;
}

/** What can be chosen in an ARIA list that stands in the page. */
export function listOptions(element: Element): Element[] {
  const id = attribute(element, 'aria-controls') ?? attribute(element, 'aria-owns');
  const list = keyword(element, 'role') === 'listbox' ? element : id ? elementById(element, id) : null;
  return list ? optionsBelow(list) : [];
}

function optionsBelow(list: Element): Element[] {
  const found: Element[] = [];
  let steps = 0;
  const visit = (at: Element): void => {
    for (let child = firstElementChild(at); child; child = nextElementSibling(child)) {
      steps += 1;
      if (steps > MOST_OPTIONS * 4 || found.length >= MOST_OPTIONS) return;
      if (keyword(child, 'role') === 'option' && !matches(child, PRESSING)) found.push(child);
      else visit(child);
    }
  };
  visit(list);
  return found;
}
