import { KEPT_ATTRIBUTES, type PageElement, type Snapshot } from '../../src/page/types';

const PHRASES = new Set(
  'a abbr b br button code data del em i img input kbd link meta rt ruby s small span strong sub sup time'.split(' '),
);

/** The tree of a body as a snapshot has it, for tests without a layout: all is seen. */
export function treeOf(html: string): PageElement {
  return elementOf(new DOMParser().parseFromString(html, 'text/html').body);
}

/** A snapshot of a body of which all is seen, with this JSON-LD. */
export function snapshotOf(html: string, structured: string[] = []): Snapshot {
  return {
    url: 'https://pages.test/',
    contentType: 'text/html',
    title: '',
    language: null,
    direction: 'ltr',
    metadata: { canonical: null, description: null, author: null, published: null, siteName: null, kind: null },
    structured,
    links: [],
    selection: null,
    root: treeOf(html),
    chosen: null,
    isCut: false,
  };
}

function elementOf(source: Element): PageElement {
  const element: PageElement = { tag: source.localName, attributes: {}, children: [] };
  for (const name of KEPT_ATTRIBUTES) {
    const value = source.getAttribute(name);
    if (value !== null) element.attributes[name] = value;
  }
  for (const child of source.childNodes) {
    if (child.nodeType === Node.ELEMENT_NODE) element.children.push(elementOf(child as Element));
    else if (child.nodeType === Node.TEXT_NODE) element.children.push(child.textContent ?? '');
  }
  if (!PHRASES.has(source.localName)) element.isBlock = true;
  if (source.localName === 'pre') element.keepsSpace = true;
  return element;
}
