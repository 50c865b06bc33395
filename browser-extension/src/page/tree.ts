import type { PageElement, PageNode } from './types';

/** All text in a node, with spaces between its blocks. */
export function textOf(node: PageNode): string {
  if (typeof node === 'string') return node;
  if (node.tag === 'br') return '\n';
  let text = '';
  for (const child of node.children) {
    const piece = textOf(child);
    text += typeof child !== 'string' && child.isBlock ? ` ${piece} ` : piece;
  }
  return text;
}

/** All text in a node on one line. */
export function lineOf(node: PageNode): string {
  return textOf(node).replace(/\s+/g, ' ').trim();
}

/** Whether a node is an element of this name. */
export function is(node: PageNode | undefined, ...tags: string[]): node is PageElement {
  return node !== undefined && typeof node !== 'string' && tags.includes(node.tag);
}

/** The elements among the children of an element. */
export function elementsOf(element: PageElement): PageElement[] {
  return element.children.filter((child) => typeof child !== 'string');
}

/** An element and all that are in it, in order. */
export function allIn(element: PageElement): PageElement[] {
  const all: PageElement[] = [];
  const open = [element];
  for (let next = open.pop(); next; next = open.pop()) {
    all.push(next);
    for (let index = next.children.length - 1; index >= 0; index--) {
      const child = next.children[index];
      if (child !== undefined && typeof child !== 'string') open.push(child);
    }
  }
  return all;
}

/** The element at a path of indexes among children, from a root on; null when there is none. */
export function elementAt(root: PageElement, path: readonly number[]): PageElement | null {
  let element: PageElement = root;
  for (const index of path) {
    const child = element.children[index];
    if (child === undefined || typeof child === 'string') return null;
    element = child;
  }
  return element;
}

/** The level of a heading, from 1 to 6; 0 for what is none. */
export function headingLevel({ tag, attributes }: PageElement): number {
  if (/^h[1-6]$/.test(tag)) return Number(tag[1]);
  if (attributes.role !== 'heading') return 0;
  const level = Number(attributes['aria-level'] ?? 2);
  return Number.isInteger(level) ? Math.min(Math.max(level, 1), 6) : 2;
}
