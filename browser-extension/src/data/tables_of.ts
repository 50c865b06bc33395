import { isFurniture } from '../page/furniture';
import { elementAt, elementsOf, headingLevel, is, lineOf } from '../page/tree';
import type { PageElement, Snapshot } from '../page/types';
import { cardsIn, cardsLike } from './cards';
import { gridTable } from './grid_table';
import { cellOf, distinct, EMPTY, type Cell, type Table } from './table';

const MOST_TABLES = 500;
const LEAST_ITEMS = 2;
/** How far an example may lie within the part that is repeated. */
const HIGHEST = 8;

/** The tables, lists, terms and repeated parts of a page as data, in the order of the page; nested ones as well. */
export function tablesOf(snapshot: Snapshot): Table[] {
  const tables: Table[] = [];
  let heading: string | null = null;
  const visit = (element: PageElement, path: number[]): void => {
    if (tables.length >= MOST_TABLES) return;
    if (headingLevel(element) > 0) heading = lineOf(element);
    // What leads elsewhere in the site is no data of the page.
    if (isWay(element)) return;
    const table = tableAt(element, path, heading);
    if (table) tables.push(table);
    // What is in a repeated part is told there, but for tables in it.
    element.children.forEach((child, index) => {
      if (typeof child !== 'string' && !(table?.kind === 'cards' && !holdsTable(child))) visit(child, [...path, index]);
    });
  };
  visit(snapshot.root, []);
  return tables;
}

/**
 * What an example stands for, from the least part on: each part around the path of a snapshot that is repeated, with all parts that
 * have its shape as rows, and the table that the path is in. Empty when nothing on the way up is repeated.
 */
export function tablesByExample(snapshot: Snapshot, path: readonly number[]): Table[] {
  const tables: Table[] = [];
  for (let length = path.length; length > Math.max(0, path.length - HIGHEST); length--) {
    const own = path.slice(0, length);
    const example = elementAt(snapshot.root, own);
    const parent = elementAt(snapshot.root, own.slice(0, -1));
    const around = elementAt(snapshot.root, own.slice(0, -2));
    if (!example || !parent) continue;
    const grid = isGrid(example) ? gridTable(example, own, null) : null;
    if (grid) {
      // Its rows are told by the table better than by their shape.
      const inRows = tables.filter((table) => table.path.length > own.length + 2);
      return [...inRows, grid];
    }
    if (is(example, 'td', 'th')) continue;
    const table = cardsLike(example, parent, length > 1 ? around : null, own.slice(0, -1));
    if (table) tables.push(table);
  }
  return tables;
}

/**
 * What an example most likely stands for: the least part that is repeated with more than one value in it, at least three times where
 * there is such a part; null when nothing on the way up is repeated.
 */
export function likeliest(tables: readonly Table[]): Table | null {
  const wide = tables.filter(({ columns }) => columns.length > 1);
  return wide.find(({ rows }) => rows.length > 2) ?? wide[0] ?? [...tables].sort(byRows)[0] ?? null;
}

/** The parts of the page that are like the one at a path, as far as can be told; null when none is. */
export function tableByExample(snapshot: Snapshot, path: readonly number[]): Table | null {
  return likeliest(tablesByExample(snapshot, path));
}

function byRows(one: Table, other: Table): number {
  return other.rows.length - one.rows.length;
}

function isGrid({ tag, attributes }: PageElement): boolean {
  return tag === 'table' || /^(?:table|grid|treegrid)$/.test(attributes.role ?? '');
}

function tableAt(element: PageElement, path: number[], title: string | null): Table | null {
  const { tag } = element;
  if (isGrid(element)) return gridTable(element, path, title);
  if (/^(?:thead|tbody|tfoot|tr|pre|p)$/.test(tag)) return null;
  if (tag === 'dl') return definitions(element, path, title);
  return cardsIn(element, path, title) ?? (tag === 'ul' || tag === 'ol' ? list(element, path, title) : null);
}

function isWay(element: PageElement): boolean {
  const { tag, attributes } = element;
  return tag === 'nav' || attributes.role === 'navigation' || ((tag === 'ul' || tag === 'ol') && isFurniture(element));
}

function list(element: PageElement, path: number[], title: string | null): Table | null {
  const items = elementsOf(element).filter((item) => lineOf(item) !== '');
  if (items.length < LEAST_ITEMS) return null;
  // A list in an item is one of its own.
  const rows = items.map((item) => [cellOf({ ...item, children: item.children.filter((it) => !is(it, 'ul', 'ol')) })]);
  return { kind: 'list', title, columns: ['Item'], rows, path };
}

function definitions(element: PageElement, path: number[], title: string | null): Table | null {
  const rows: Cell[][] = [];
  let terms: Cell[] = [];
  let isAfterTerm = false;
  const visit = (parent: PageElement): void => {
    for (const child of elementsOf(parent)) {
      if (child.tag === 'dt') {
        terms = isAfterTerm ? [...terms, cellOf(child)] : [cellOf(child)];
        isAfterTerm = true;
      } else if (child.tag === 'dd') {
        isAfterTerm = false;
        for (const term of terms.length > 0 ? terms : [EMPTY]) rows.push([term, cellOf(child)]);
      } else visit(child);
    }
  };
  visit(element);
  return rows.length === 0
    ? null
    : { kind: 'definitions', title, columns: distinct(['Term', 'Definition']), rows, path };
}

function holdsTable(element: PageElement): boolean {
  return element.tag === 'table' || elementsOf(element).some(holdsTable);
}
