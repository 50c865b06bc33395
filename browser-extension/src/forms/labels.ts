import {
  attribute,
  elementById,
  firstElementChild,
  isElement,
  keyword,
  labelsOf,
  nextElementSibling,
  nodeType,
  parentNode,
  previousSibling,
  shownParent,
  tag,
} from './dom';
import { clean, readText } from './page_text';

const CONTROLS: ReadonlySet<string> = new Set(['input', 'select', 'textarea', 'button']);
/** How far up the page is searched for the text before a field. */
const HIGHEST = 5;
const DEEPEST = 200;

/** What a field is called: by its labels, by what stands for one, or by the text before it. */
export function labelOf(element: Element): string {
  const placeholder = clean(attribute(element, 'placeholder') ?? attribute(element, 'data-placeholder') ?? '');
  return (
    first(labelsOf(element).map(readText)) ||
    named(element) ||
    (isExample(placeholder) ? textBefore(element, 1) : '') ||
    placeholder ||
    clean(attribute(element, 'title') ?? '') ||
    textBefore(element, 1)
  );
}

/** What a group of fields is called, such as radio buttons: by its legend or what stands for one. */
export function groupLabelOf(elements: readonly [Element, ...Element[]]): string {
  const [element] = elements;
  return groupAround(element, elements.length) || textBefore(element, elements.length) || groupAround(element);
}

/** Whether a placeholder shows what could be written rather than what is asked for. */
function isExample(placeholder: string): boolean {
  return /\p{Nd}|@|^(e\.?g\.?|z\. ?b\.|p\. ?ex|ej\.|es\.|bijv|np\.|např|t\. ?ex|örn|例|如)/iu.test(placeholder);
}

/** What the nearest group around an element is called; empty when there is none.
 *
 * @param controls how many controls the group may have */
export function groupAround(element: Element, controls = Number.POSITIVE_INFINITY): string {
  let depth = 0;
  for (let at = shownParent(element); at && depth < DEEPEST; at = shownParent(at), depth += 1) {
    const name = tag(at);
    if (Number.isFinite(controls) && controlsIn(at, controls) > controls) break;
    if (name === 'fieldset') {
      const legend = childNamed(at, 'legend');
      const text = legend ? readText(legend) : '';
      if (text !== '') return text;
    }
    if (name === 'fieldset' || /^(radio)?group$/.test(keyword(at, 'role')) || name === 'section') {
      const text = named(at);
      if (text !== '') return text;
    }
    if (name === 'form') break;
  }
  return '';
}

/** The language of an element's part of the page; empty when the page does not say. */
export function languageOf(element: Element): string {
  let depth = 0;
  for (let at: Element | null = element; at && depth < DEEPEST * 5; at = shownParent(at), depth += 1) {
    const language = (attribute(at, 'lang') ?? '').trim().replace('_', '-');
    if (/^[a-z]{2,3}(-[a-z0-9]{1,8})*$/i.test(language) && language.length < 30) return language;
  }
  return '';
}

/** What `aria-labelledby` or `aria-label` calls an element. */
function named(element: Element): string {
  const ids = (attribute(element, 'aria-labelledby') ?? '').slice(0, 500).split(/\s+/).filter(Boolean).slice(0, 5);
  const texts = ids.map((id) => elementById(element, id)).filter((found) => found !== null);
  return clean(texts.map(readText).join(' ')) || clean(attribute(element, 'aria-label') ?? '');
}

/** The text that stands before a field: in its line, in the cell before, or at the head of its column.
 *
 * @param controls how many controls the field is made of */
function textBefore(element: Element, controls: number): string {
  let at: Element | null = element;
  for (let steps = 0; at && steps < HIGHEST; steps += 1) {
    const name = tag(at);
    if (name === 'form' || name === 'body' || name === 'fieldset') return '';
    if (name === 'td') return cellBefore(at) || columnHead(at);
    for (let before = previousSibling(at), count = 0; before && count < 8; before = previousSibling(before)) {
      count += 1;
      if (isElement(before) && (CONTROLS.has(tag(before)) || tag(before) === 'label' || hasControl(before))) break;
      const text = nodeType(before) === 8 ? '' : readText(before);
      if (text !== '') return text;
    }
    const parent: Node | null = parentNode(at);
    at = isElement(parent) && controlsIn(parent, controls) <= controls ? parent : null;
  }
  return '';
}

function cellBefore(cell: Element): string {
  for (let before = previousSibling(cell); before; before = previousSibling(before)) {
    if (!isElement(before)) continue;
    return hasControl(before) ? '' : readText(before);
  }
  return '';
}

function columnHead(cell: Element): string {
  let column = 0;
  for (let before = previousSibling(cell); before; before = previousSibling(before)) if (isElement(before)) column += 1;
  let table: Element | null = cell;
  for (let steps = 0; table && tag(table) !== 'table' && steps < 5; steps += 1) table = shownParent(table);
  if (!table || tag(table) !== 'table') return '';
  const part = childNamed(table, 'thead') ?? childNamed(table, 'tbody') ?? table;
  const row = childNamed(part, 'tr');
  let head = row ? firstElementChild(row) : null;
  for (; head && column > 0; column -= 1) head = nextElementSibling(head);
  return head && !hasControl(head) ? readText(head) : '';
}

function childNamed(element: Element, name: string): Element | null {
  let child = firstElementChild(element);
  for (let count = 0; child && count < 50; child = nextElementSibling(child), count += 1) {
    if (tag(child) === name) return child;
  }
  return null;
}

function hasControl(element: Element): boolean {
  return CONTROLS.has(tag(element)) || controlsIn(element, 0) > 0;
}

/** How many controls there are below an element, as far as one more than asked for. */
function controlsIn(element: Element, most: number): number {
  let found = 0;
  let steps = 0;
  const visit = (at: Element): void => {
    for (let child = firstElementChild(at); child; child = nextElementSibling(child)) {
      steps += 1;
      if (found > most || steps > 300) return;
      if (CONTROLS.has(tag(child))) found += 1;
      else visit(child);
    }
  };
  visit(element);
  // What could not be counted counts as many.
  return steps > 300 ? most + 1 : found;
}

function first(texts: string[]): string {
  return texts.find((text) => text !== '') ?? '';
}
