import { codeBlock } from './escape';
import { allIn, is } from './tree';
import type { PageElement, PageNode } from './types';

/** How the class of an element names the language of code in it. */
const LANGUAGE = /(?:^|\s)(?:language-|lang-|highlight-source-|highlight-|brush:\s*|hljs\s+|sourceCode\s+)([\w+#.-]+)/;
/** Names in that place that are none of a language. */
const NO_LANGUAGE = new Set(['default', 'none', 'text', 'plaintext', 'plain', 'source', 'code', 'block', 'wrapper']);

/** Preformatted text as fenced code, with its language where the page names it; `around` are its ancestors. */
export function codeOf(element: PageElement, around: readonly PageElement[]): string {
  const text = verbatim(element);
  return text.trim() === '' ? '' : codeBlock(text.replace(/^\n/, ''), languageOf(element, around));
}

/** The text of code as it is laid out. */
function verbatim(element: PageElement): string {
  let text = '';
  const add = (node: PageNode): void => {
    if (typeof node === 'string') text += node;
    else if (node.tag === 'br') text += '\n';
    else if (!isLineNumber(node)) {
      const isLine = node.isBlock === true && !/^t(?:d|h|able|body)$/.test(node.tag);
      if (isLine && text !== '' && !text.endsWith('\n')) text += '\n';
      node.children.forEach(add);
      if (isLine && text !== '' && !text.endsWith('\n')) text += '\n';
    }
  };
  element.children.forEach(add);
  return text;
}

function isLineNumber({ attributes, children }: PageElement): boolean {
  return (
    /(?:^|[\s_-])(?:line-?(?:number|no)s?|lineno|linenos|gutter|blob-num)(?:[\s_-]|$)/i.test(attributes.class ?? '') &&
    children.every((child) => typeof child !== 'string' || /^[\s\d]*$/.test(child))
  );
}

function languageOf(element: PageElement, around: readonly PageElement[]): string {
  const inner = allIn(element)
    .slice(0, 3)
    .filter((it) => it === element || is(it, 'code'));
  for (const { attributes } of [...inner, ...around.slice(-2).reverse()]) {
    const named = attributes['data-lang'] ?? attributes['data-language'] ?? LANGUAGE.exec(attributes.class ?? '')?.[1];
    const name = named?.toLowerCase().replace(/^source-/, '');
    if (name && !NO_LANGUAGE.has(name)) return name;
  }
  return '';
}
