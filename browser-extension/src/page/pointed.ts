import { LONGEST_ADDRESS } from './address_length';
import {
  attributeOf,
  baseOf,
  focusOf,
  isElement,
  isNamedBy,
  nameOf,
  rectangleOf,
  rootOf,
  shownChildrenOf,
  shownSourceOf,
  viewOf,
} from './dom_access';

/** What a person pointed to, as far as the browser tells: it says an address, and not which element it is of. */
export interface Pointed {
  /** The likeliest element; null when none has this address. */
  element: Element | null;
  /** How many elements have it. */
  count: number;
}

const MOST_NODES = 200_000;

/** The link of a document that a person pointed to, by where it leads. */
export function pointedLink(document: Document, address: string): Pointed {
  return likeliest(document, (element) => /^(?:a|area)$/.test(nameOf(element)) && isAddress(linkOf(element), address));
}

/** The picture of a document that a person pointed to, by its address. */
export function pointedImage(document: Document, address: string): Pointed {
  return likeliest(document, (element) => {
    if (nameOf(element) !== 'img') return false;
    return isAddress(shownSourceOf(element), address) || isAddress(absolute(element, 'src'), address);
  });
}

function linkOf(element: Element): string {
  return absolute(element, 'href') || absolute(element, 'xlink:href');
}

function absolute(element: Element, name: string): string {
  const value = attributeOf(element, name);
  return value === null ? '' : (URL.parse(value, baseOf(element))?.href ?? '');
}

function isAddress(found: string, wanted: string): boolean {
  return wanted !== '' && found.slice(0, LONGEST_ADDRESS) === wanted.slice(0, LONGEST_ADDRESS);
}

/** Of several elements, one points to what has the focus or is under the pointer, and to what is in the window. */
function likeliest(document: Document, isMeant: (element: Element) => boolean): Pointed {
  const focused = focusOf(document);
  let [element, best, count]: [Element | null, number, number] = [null, -1, 0];
  for (const candidate of elementsOf(document)) {
    if (!isMeant(candidate)) continue;
    count += 1;
    const signs = [candidate === focused, isNamedBy(candidate, ':hover'), isInWindow(candidate, document)];
    const likelihood = signs.reduce((sum, isTrue, at) => sum + (isTrue ? 4 >> at : 0), 0);
    if (likelihood > best) [element, best] = [candidate, likelihood];
  }
  return { element, count };
}

function isInWindow(element: Element, document: Document): boolean {
  const { width, height, left, top, right, bottom } = rectangleOf(element);
  const view = viewOf(document);
  if (!view || width === 0 || height === 0) return false;
  return right > 0 && bottom > 0 && left < view.innerWidth && top < view.innerHeight;
}

/** The elements of a document, those in open shadow trees as well, up to a bound. */
function* elementsOf(document: Document): Generator<Element> {
  const root = rootOf(document);
  const open: Node[] = root ? [root] : [];
  let left = MOST_NODES;
  for (let next = open.pop(); next && left > 0; next = open.pop()) {
    left -= 1;
    if (!isElement(next)) continue;
    yield next;
    open.push(...shownChildrenOf(next, left).reverse());
  }
}
