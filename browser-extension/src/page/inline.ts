import { codeSpan, destination, escaped } from './escape';
import { mathText } from './math';
import { is, lineOf, textOf } from './tree';
import type { PageElement, PageNode } from './types';

/** Stands for a line's end that the page asks for, until the lines are put together. */
export const BREAK = '\u0001';

/** What is said of elements that are left out. */
export type Skip = (element: PageElement) => boolean;

/** A run of nodes as Markdown on one line, in which `BREAK` stands for line ends. Blocks in it are told in a row. */
export function inline(nodes: readonly PageNode[], skip: Skip, keepsSpace = false): string {
  let line = '';
  for (const node of nodes) {
    if (typeof node === 'string') line += keepsSpace ? withBreaks(node) : escaped(node.replace(/\s+/g, ' '));
    else if (!skip(node)) line += node.isBlock ? ` ${phrase(node, line, skip)} ` : phrase(node, line, skip);
  }
  return line;
}

/** A line of Markdown with its white space in order, and without line ends at its beginning and end. */
export function tidied(line: string): string {
  return line
    .replace(/\s+/g, ' ')
    .replace(/ ?\u0001 ?/g, BREAK)
    .replace(/^[\s\u0001]+|[\s\u0001]+$/g, '');
}

function withBreaks(text: string): string {
  return text.split('\n').map(escaped).join(BREAK);
}

/** An element within a line. */
function phrase(element: PageElement, before: string, skip: Skip): string {
  const { tag, attributes } = element;
  switch (tag) {
    case 'br':
      return BREAK;
    case 'img':
      return pictureText(element);
    case 'a':
      return link(element, skip);
    case 'code':
    case 'kbd':
    case 'samp':
    case 'tt':
      return codeSpan(textOf(element));
    case 'math':
      return escaped(mathText(element));
    case 'del':
    case 's':
    case 'strike':
      return struck(inline(element.children, skip));
    case 'sup':
      return raised(element, before, skip);
    case 'rt':
      return `(${inline(element.children, skip).trim()})`;
    case 'q':
      return `“${inline(element.children, skip).trim()}”`;
    case 'input':
      if (attributes.type === undefined) return ` ${inline(element.children, skip)} `;
      return attributes.checked === undefined ? '☐ ' : '☑ ';
    case 'td':
    case 'th':
    case 'li':
    case 'label':
    case 'button':
    case 'select':
      return ` ${inline(element.children, skip, element.keepsSpace)} `;
    default:
  }
  return inline(element.children, skip, element.keepsSpace);
}

/** The text that stands for a picture, marked as such: people see the picture, and not this. */
function pictureText({ attributes: { alt } }: PageElement): string {
  return alt === undefined ? '' : escaped(`[Image: ${alt}]`);
}

function link(element: PageElement, skip: Skip): string {
  const text = inline(element.children, skip, element.keepsSpace);
  const line = tidied(text.replaceAll(BREAK, ' '));
  const { href } = element.attributes;
  if (line === '' || href === undefined || isWithinLink(element)) return text;
  const [, before = '', after = ''] = /^(\s*)[^]*?(\s*)$/.exec(text) ?? [];
  return `${before && ' '}[${line}](${destination(href)})${after && ' '}`;
}

/** Whether a link holds others, which Markdown cannot say. */
function isWithinLink(element: PageElement): boolean {
  return element.children.some((child) => typeof child !== 'string' && (is(child, 'a') || isWithinLink(child)));
}

function struck(text: string): string {
  const line = tidied(text.replaceAll(BREAK, ' '));
  return line === '' ? text : ` ~~${line}~~ `;
}

/** A power or the number of a note, told from what it follows. */
function raised(element: PageElement, before: string, skip: Skip): string {
  const text = inline(element.children, skip).trim();
  const isPower = /[\p{L}\p{N})]$/u.test(before) && /^[-+−(]?\d/.test(lineOf(element));
  return isPower ? `^${text}` : text;
}
