import { elementsOf } from './tree';
import type { PageElement } from './types';

/** A cell of a table; one that reaches over several places stands in each of them. */
export interface Cell {
  element: PageElement;
  /** Whether it is a head of its row or column. */
  isHead: boolean;
  /** Whether this is the place where it begins. */
  isFirst: boolean;
  /** Whether this is the first column that it stands in. */
  isLeading: boolean;
}

/** The places of a table. */
export interface Grid {
  caption: PageElement | null;
  /** By rows from above, and by columns in the order in which they are written. Places may be empty. */
  rows: (Cell | null)[][];
  /** How many rows at the beginning are heads of columns. */
  heads: number;
}

/** A table may claim to span more than there is. */
const WIDEST_SPAN = 100;
const MOST_COLUMNS = 300;

/** The places of a table element, with cells that span several of them in all of these. */
export function gridOf(table: PageElement): Grid {
  const grid: Grid = { caption: null, rows: [], heads: 0 };
  const feet: PageElement[] = [];
  const rows: { row: PageElement; isHead: boolean }[] = [];
  const gather = (parent: PageElement, isHead: boolean): void => {
    for (const child of elementsOf(parent)) {
      if (child.tag === 'caption') grid.caption ??= child;
      else if (child.tag === 'thead') gather(child, true);
      else if (child.tag === 'tfoot') feet.push(...elementsOf(child).filter(({ tag }) => tag === 'tr'));
      else if (child.tag === 'tbody') gather(child, false);
      else if (child.tag === 'tr' || child.attributes.role === 'row') rows.push({ row: child, isHead });
      else if (child.attributes.role === 'rowgroup') gather(child, false);
    }
  };
  gather(table, false);
  rows.push(...feet.map((row) => ({ row, isHead: false })));
  rows.forEach(({ row }, index) => place(row, index, rows.length, grid));
  grid.rows = grid.rows.filter((row) => row.some((cell) => cell !== null));
  grid.heads = headsOf(grid.rows, rows.filter(({ isHead }) => isHead).length);
  return grid;
}

/** Puts the cells of a row into their places, after those that reach down from above. */
function place(row: PageElement, index: number, count: number, { rows }: Grid): void {
  const places = (rows[index] ??= []);
  let column = 0;
  for (const element of elementsOf(row)) {
    const isCell = element.tag === 'td' || element.tag === 'th' || /cell$|header$/.test(element.attributes.role ?? '');
    if (!isCell) continue;
    while (places[column]) column++;
    const wide = spanOf(element.attributes.colspan, 1);
    const high = spanOf(element.attributes.rowspan, count - index);
    const isHead = element.tag === 'th' || /header$/.test(element.attributes.role ?? '');
    for (let down = 0; down < high && index + down < count; down++) {
      const below = (rows[index + down] ??= []);
      for (let across = 0; across < wide && column + across < MOST_COLUMNS; across++) {
        while (below.length < column + across) below.push(null);
        below[column + across] = { element, isHead, isFirst: down === 0 && across === 0, isLeading: across === 0 };
      }
    }
    column += wide;
  }
}

/** A span as it is written; `all` when it is 0, which reaches to the end. */
function spanOf(written: string | undefined, all: number): number {
  const span = Number.parseInt(written ?? '1', 10);
  if (span === 0) return all;
  return Number.isNaN(span) || span < 1 ? 1 : Math.min(span, WIDEST_SPAN);
}

/** How many rows are heads: those that the page says are, and otherwise those at the top that are all heads. */
function headsOf(rows: (Cell | null)[][], said: number): number {
  if (said > 0) return Math.min(said, rows.length);
  let heads = 0;
  while (heads < rows.length && rows[heads]!.every((cell) => cell === null || cell.isHead)) heads++;
  // Where all are heads, none is.
  return heads === rows.length ? Math.min(heads, 1) : heads;
}

/** Whether a table holds data, and does not only lay out the page. */
export function isData(table: PageElement, { rows, caption }: Grid): boolean {
  const { role } = table.attributes;
  if (role === 'presentation' || role === 'none') return false;
  const widest = Math.max(0, ...rows.map((row) => row.length));
  const cells = rows.flat().filter((cell) => cell?.isFirst);
  if (caption || cells.some((cell) => cell?.isHead)) return widest > 0;
  return widest > 1 && rows.length > 1 && !cells.some((cell) => cell && holdsBlocks(cell.element, 3));
}

/** Whether a cell is a part of a page: it holds a table, a heading, or several paragraphs. */
function holdsBlocks(cell: PageElement, most: number): boolean {
  let paragraphs = 0;
  const look = (element: PageElement): boolean => {
    if (/^(?:table|h[1-6]|pre|form|ul|ol)$/.test(element.tag)) return true;
    if (element.tag === 'p') paragraphs++;
    return elementsOf(element).some(look);
  };
  return elementsOf(cell).some(look) || paragraphs > most;
}
