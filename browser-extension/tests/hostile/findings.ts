import type { Page } from '@playwright/test';

/** Everything that the panel shows consists of. What a page or a model could want to be shown beside that is not among them. */
const ELEMENTS = [
  ...[
    'html',
    'head',
    'meta',
    'title',
    'link',
    'script',
    'body',
    'header',
    'footer',
    'main',
    'nav',
    'section',
    'article',
  ],
  ...['div', 'span', 'p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li', 'dl', 'dt', 'dd', 'hr', 'br', 'a'],
  ...['button', 'input', 'label', 'select', 'option', 'optgroup', 'textarea', 'form', 'fieldset', 'legend', 'output'],
  ...['details', 'summary', 'dialog', 'figure', 'figcaption', 'blockquote', 'pre', 'code', 'kbd', 'strong', 'em', 'b'],
  ...['small', 'del', 'mark', 'time', 'progress', 'table', 'caption', 'thead', 'tbody', 'tfoot', 'tr', 'th', 'td'],
  ...['svg', 'path', 'circle', 'rect', 'line', 'polyline', 'g'],
  ...['math', 'mrow', 'mi', 'mo', 'mn', 'mtext', 'mstyle', 'mspace', 'msup', 'msub', 'mfrac', 'mpadded', 'menclose'],
];

/**
 * What is amiss in a panel: markup that it has not from the extension, and what such markup does. Nothing of a page or of an answer
 * may be more than text, lists, tables, code, formulas and links that a person can follow.
 */
export function findingsIn(panel: Page): Promise<string[]> {
  return panel.evaluate((known) => {
    const own = location.origin;
    const found: string[] = [];
    const tell = (what: string, element: Element): void =>
      void found.push(`${what}: ${element.outerHTML.slice(0, 160)}`);
    for (const element of document.querySelectorAll('*')) {
      const name = element.localName;
      if (!known.includes(name)) tell('an element', element);
      const isOfAnswer = element.closest('article') !== null;
      if (isOfAnswer && ['form', 'select', 'dialog', 'details', 'label'].includes(name)) tell('a control', element);
      if (isOfAnswer && name === 'input' && !(element as HTMLInputElement).disabled) tell('a field', element);
      for (const { name: attribute, value } of element.attributes) {
        if (attribute.startsWith('on')) tell('a handler', element);
        if (attribute === 'style' && /url|image|fixed|absolute/i.test(value)) tell('a style', element);
        if (isOfAnswer && ['id', 'name', 'srcdoc', 'formaction', 'http-equiv', 'slot', 'is'].includes(attribute))
          tell('an attribute', element);
        if (!['src', 'href', 'action', 'data', 'poster', 'srcset', 'xlink:href', 'background'].includes(attribute))
          continue;
        const url = URL.parse(value, location.href);
        const isLink = name === 'a' && ['http:', 'https:', 'mailto:'].includes(url?.protocol ?? '');
        if (url?.origin !== own && !isLink) tell('an address', element);
        if (isLink && url?.origin !== own && element.getAttribute('rel') !== 'noopener noreferrer')
          tell('a link that tells where it is', element);
      }
    }
    for (const { href, cssRules } of document.styleSheets) {
      // Svelte writes the sheets of the extension alone; a sheet without an address would be somebody's element.
      if (href === null || new URL(href).origin !== own) found.push(`a style sheet: ${cssRules[0]?.cssText}`);
    }
    for (const global of ['hit', 'polluted']) if (global in window) found.push(`a script has run: ${global}`);
    if (frames.length > 0) found.push('a frame');
    if (document.title !== 'Ambit') found.push(`the title: ${document.title}`);
    return found;
  }, ELEMENTS);
}
