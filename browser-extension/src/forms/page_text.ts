import { attribute, checkVisibility, firstChild, isElement, nextSibling, nodeType, nodeValue, tag } from './dom';

/** In UTF-16 units: labels that are longer are cut. */
const LONGEST = 200;
/** How much of a longer one is its beginning. */
const HEAD = 120;
const MOST_READ = 4000;
const MOST_NODES = 400;
const DEEPEST = 30;

/** Elements whose text is not said to the person, or is what a field holds. */
const SILENT: ReadonlySet<string> = new Set([
  'script',
  'style',
  'template',
  'noscript',
  'input',
  'select',
  'textarea',
  'button',
  'option',
  'datalist',
  'iframe',
  'object',
  'svg',
]);

/** A text of the page on one line, without characters that cannot be seen or turn the direction, and not too long: of a
 * long one the beginning and the end are kept. */
export function clean(text: string): string {
  const seen = oneLine(text);
  return seen.length <= LONGEST ? seen : `${seen.slice(0, HEAD)}…${seen.slice(HEAD + 1 - LONGEST)}`;
}

function oneLine(text: string): string {
  return text
    .slice(0, MOST_READ)
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\s]+/gu, ' ')
    .trim();
}

/** What a person reads in an element, without the fields in it. */
export function readText(node: Node): string {
  const parts: string[] = [];
  let length = 0;
  let nodes = 0;
  const isFull = (): boolean => nodes > MOST_NODES || length > MOST_READ;
  const visit = (at: Node, depth: number): void => {
    nodes += 1;
    if (nodeType(at) === 3) {
      const text = (nodeValue(at) ?? '').slice(0, MOST_READ).replace(/\s+/g, ' ');
      parts.push(text);
      length += text.length;
      return;
    }
    if (depth > DEEPEST || !isElement(at) || SILENT.has(tag(at)) || !isRead(at)) return;
    if (tag(at) === 'img') parts.push(` ${attribute(at, 'alt') ?? ''} `);
    for (let child = firstChild(at); child && !isFull(); child = nextSibling(child)) visit(child, depth + 1);
    if (tag(at) !== 'span') parts.push(' ');
  };
  visit(node, 0);
  return clean(parts.join(''));
}

function isRead(element: Element): boolean {
  if (!checkVisibility(element, { opacityProperty: true, visibilityProperty: true })) return false;
  return Number.parseFloat(getComputedStyle(element).fontSize) >= 2;
}
