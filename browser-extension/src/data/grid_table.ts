import { gridOf, isData } from '../page/grid';
import { lineOf } from '../page/tree';
import type { PageElement } from '../page/types';
import { cellOf, distinct, EMPTY, type Cell, type Table } from './table';

/**
 * A table element as data; null when it only lays out the page. A cell that spans several places is in each of them, and
 * heads above each other make one name. Where the heads stand on the left only, the table is turned.
 */
export function gridTable(element: PageElement, path: number[], heading: string | null): Table | null {
  const grid = gridOf(element);
  if (!isData(element, grid)) return null;
  const width = Math.max(0, ...grid.rows.map((row) => row.length));
  const isTurned = grid.heads === 0 && width === 2 && grid.rows.every(([first]) => first?.isHead);
  const cells = grid.rows.map((row) =>
    Array.from({ length: width }, (_, column) => {
      const place = row[column];
      return place ? cellOf(place.element) : EMPTY;
    }),
  );
  const title = grid.caption ? lineOf(grid.caption) : heading;
  if (isTurned) {
    const columns = distinct(cells.map(([name]) => name?.text ?? ''));
    return { kind: 'table', title, columns, rows: [cells.map(([, value]) => value ?? EMPTY)], path };
  }
  const heads = grid.heads > 0 ? grid.heads : guessedHeads(cells);
  const names = Array.from({ length: width }, (_, column) => {
    const above = cells.slice(0, heads).map((row) => row[column]?.text ?? '');
    return [...new Set(above.filter((text) => text !== ''))].join(' ');
  });
  const rows = cells.slice(heads).filter((row) => row.some(({ text }) => text !== ''));
  return rows.length === 0 ? null : { kind: 'table', title, columns: distinct(names), rows, path };
}

const NUMBER = /^[-+−]?[\p{Sc}\s]*\d[\d\s.,'’]*\s*[%\p{Sc}]?$/u;

/** One where the first row has words above columns of numbers; otherwise none. */
function guessedHeads(cells: Cell[][]): number {
  const [first, ...rest] = cells;
  if (!first || rest.length === 0 || first.some(({ text }) => text === '' || NUMBER.test(text))) return 0;
  const isOfNumbers = (column: number): boolean => rest.every((row) => NUMBER.test(row[column]?.text ?? ''));
  return first.some((_, column) => isOfNumbers(column)) ? 1 : 0;
}
