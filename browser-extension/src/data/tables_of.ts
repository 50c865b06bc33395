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
 * The part at a path of a snapshot and the parts around it that have its shape, with a column for each of their values;
 * where none is like it, the part that it lies in is taken. Null when nothing on the way up is repeated.
 */
export function tableByExample(snapshot: Snapshot, path: readonly number[]): Table | null {
  for (let length = path.length; length > Math.max(0, path.length - HIGHEST); length--) {
    const around = path.slice(0, length - 1);
    const [example, parent] = [elementAt(snapshot.root, path.slice(0, length)), elementAt(snapshot.root, around)];
    const table = example && parent && !is(example, 'td', 'th') ? cardsLike(example, parent, [...around]) : null;
    if (table) return table;
  }
  return null;
}

function tableAt(element: PageElement, path: number[], title: string | null): Table | null {
  const { tag, attributes } = element;
  if (tag === 'table' || /^(?:table|grid|treegrid)$/.test(attributes.role ?? ''))
    return gridTable(element, path, title);
  if (tag === 'nav' || attributes.role === 'navigation' || /^(?:thead|tbody|tfoot|tr|pre|p)$/.test(tag)) return null;
  if (tag === 'dl') return definitions(element, path, title);
  return cardsIn(element, path, title) ?? (tag === 'ul' || tag === 'ol' ? list(element, path, title) : null);
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
