import { lineOf } from '../page/tree';
import type { PageElement } from '../page/types';

/** A value in a table. */
export interface Cell {
  text: string;
  /** Where it leads, absolute; null when it is no link. */
  address: string | null;
}

/** Rows of values below named columns, from a page. */
export interface Table {
  /** What it is on the page: a table, a list, terms with what they mean, or parts of the same shape. */
  kind: 'table' | 'list' | 'definitions' | 'cards';
  /** Its caption, or the heading before it; null when it has none. */
  title: string | null;
  /** One name for each column; no two are the same. */
  columns: string[];
  /** Each as long as `columns`. */
  rows: Cell[][];
  /** Where it is in the snapshot: the indexes among the children, from the root on. */
  path: number[];
}

/** A cell without anything in it. */
export const EMPTY: Cell = { text: '', address: null };

/** What an element says, and where it or the first link in it leads. */
export function cellOf(element: PageElement, around: string | null = null): Cell {
  return { text: lineOf(element) || (element.attributes.alt ?? ''), address: addressIn(element) ?? around };
}

/** The address of the first link in an element; null without. */
export function addressIn(element: PageElement): string | null {
  if (element.tag === 'a' && element.attributes.href !== undefined) return element.attributes.href;
  for (const child of element.children) {
    const address = typeof child === 'string' ? null : addressIn(child);
    if (address !== null) return address;
  }
  return null;
}

/** Names for columns, of which no two are the same and none is empty. */
export function distinct(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name, index) => {
    const base = name === '' ? `Column ${index + 1}` : name;
    let own = base;
    for (let count = 2; taken.has(own); count++) own = `${base} ${count}`;
    taken.add(own);
    return own;
  });
}
