import type { AttributeName, PageElement, PageNode } from './types';

/** The attribute by which an element of a document is found in the snapshot that it was made of. */
export const MARK = 'data-mark';

/** The attributes that tell what an element is for. */
const TELLING: AttributeName[] = ['class', 'dir', 'href', 'id', 'itemprop', 'lang', 'rel', 'role'];
/** The elements that mean something by their names. */
const MEANING = new Set(
  (
    'a abbr address article aside b blockquote br caption cite code dd del details div dl dt em figcaption figure footer ' +
    'form h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark menu nav ol p pre q s samp section small span strong ' +
    'sub summary sup table tbody td tfoot th thead time tr u ul var'
  ).split(' '),
);

/** A document of a snapshot's elements, and these by their marks. Nothing in it runs or is fetched. */
export function parsed(root: PageElement, title: string, language: string | null): [Document, PageElement[]] {
  const page = document.implementation.createHTMLDocument(title);
  if (language !== null) page.documentElement.lang = language;
  const elements: PageElement[] = [];
  const fill = (parent: Element, children: readonly PageNode[]): void => {
    for (const child of children) {
      if (typeof child === 'string') {
        parent.append(child);
        continue;
      }
      const element = page.createElement(nameFor(child));
      for (const name of TELLING) {
        const value = child.attributes[name];
        if (value !== undefined) element.setAttribute(name, value);
      }
      element.setAttribute(MARK, String(elements.length));
      elements.push(child);
      parent.append(element);
      fill(element, child.children);
    }
  };
  fill(page.body, root.children);
  return [page, elements];
}

function nameFor({ tag, isBlock }: PageElement): string {
  if (tag === 'span') return isBlock ? 'div' : 'span';
  return MEANING.has(tag) ? tag : isBlock ? 'div' : 'span';
}
