import { words, likeness } from './column_names';
import { distinct, EMPTY, type Cell, type Table } from './table';
import { dayIn, numberIn, type ValueKind } from './values';

/** A column that a person wants. */
export interface Wanted {
  name: string;
  /** Null: whatever it holds. */
  kind: ValueKind | null;
}

/** What a column came from. */
export interface Match {
  wanted: Wanted;
  /** What the page calls the column; null when there is none. */
  column: string | null;
  /** Whether only its kind tells that it is meant. */
  isByKind: boolean;
  /** How many of its values are not of the kind; they stay as they are. */
  odd: number;
}

/** Rows with the columns that a person wanted. */
export interface Extracted {
  table: Table;
  /** For each wanted column. */
  matches: Match[];
}

const MOST_COLUMNS = 30;
const LONGEST_NAME = 100;
/** The share of values that has to be of a kind where the name is right, and where only the kind is. */
const FITS = 0.5;
const IS_OF_KIND = 0.8;
/** From this likeness on, a column is the one that has the name. */
const SURE = 0.6;
/** What a column of the right kind and another name is worth. */
const BY_KIND = 0.3;
const MOST_TURNED = 60;
/** How many values tell what a column holds. */
const SAMPLE = 100;

const KINDS: ReadonlyMap<string, ValueKind> = new Map([
  ['text', 'text'],
  ['number', 'number'],
  ['date', 'date'],
  ['link', 'link'],
  ['zahl', 'number'],
  ['datum', 'date'],
]);

/**
 * Columns as a person writes them: a name on each line, with a kind behind a colon if they want: `Price: number`. What stands behind
 * a colon and is no kind is part of the name.
 */
export function wantedIn(text: string): Wanted[] {
  const wanted = text.split('\n').flatMap((line): Wanted[] => {
    const [, before = '', after = ''] = /^(.*):\s*(\p{L}+)\s*$/u.exec(line) ?? [];
    const kind = KINDS.get(after.toLowerCase()) ?? null;
    const name = (kind === null ? line : before).replace(/\s+/g, ' ').trim().slice(0, LONGEST_NAME);
    return name === '' ? [] : [{ name, kind }];
  });
  const names = distinct(wanted.map(({ name }) => name));
  return wanted.slice(0, MOST_COLUMNS).map(({ kind }, index) => ({ name: names[index] ?? '', kind }));
}

/** The columns that are wanted, from the table in which most of them are found; null when there is none of them anywhere. */
export function extract(
  tables: readonly Table[],
  wanted: readonly Wanted[],
  language: string | null,
): Extracted | null {
  let best: { table: Table; pairs: Map<Wanted, Pair>; worth: number } | null = null;
  for (const table of tables.flatMap((one) => [one, ...turned(one)])) {
    const pairs = pairsIn(table, wanted, language);
    const worth = [...pairs.values()].reduce((sum, pair) => sum + pair.worth, 0);
    const isBetter =
      best === null || worth > best.worth || (worth === best.worth && table.rows.length > best.table.rows.length);
    // A kind alone tells nothing: numbers stand in any table.
    if ([...pairs.values()].some(({ isByKind }) => !isByKind) && isBetter) best = { table, pairs, worth };
  }
  if (!best) return null;
  const { table, pairs } = best;
  const found = wanted.filter((one) => pairs.has(one));
  const rows = table.rows.map((row) =>
    found.map((one) => valueOf(row[pairs.get(one)?.column ?? -1] ?? EMPTY, one.kind, language)),
  );
  return {
    table: { ...table, columns: found.map(({ name }) => name), rows: rows.map((row) => row.map(({ cell }) => cell)) },
    matches: wanted.map((one) => {
      const pair = pairs.get(one);
      const at = found.indexOf(one);
      return {
        wanted: one,
        column: pair ? (table.columns[pair.column] ?? null) : null,
        isByKind: pair?.isByKind ?? false,
        odd: at < 0 ? 0 : rows.filter((row) => row[at]?.isOdd).length,
      };
    }),
  };
}

interface Pair {
  column: number;
  worth: number;
  isByKind: boolean;
}

/** Which column of a table is meant by each that is wanted: those that are surest first, and no column twice, but for its links. */
function pairsIn(table: Table, wanted: readonly Wanted[], language: string | null): Map<Wanted, Pair> {
  const names = table.columns.map(words);
  const possible = wanted.flatMap((one) => {
    const own = words(one.name);
    const isNamed = names.some((name) => likeness(own, name) >= SURE);
    return names.flatMap((name, column): (Pair & { one: Wanted })[] => {
      const share = one.kind === null ? 1 : shareOf(table, column, one.kind, language);
      const byName = likeness(own, name);
      if (byName > 0 && share >= FITS) return [{ one, column, worth: byName, isByKind: false }];
      // Where a column has the name and not the kind, another of the kind is not what is meant.
      const isTelling = one.kind !== null && one.kind !== 'text' && !isNamed;
      return isTelling && share >= IS_OF_KIND ? [{ one, column, worth: BY_KIND, isByKind: true }] : [];
    });
  });
  possible.sort((one, other) => other.worth - one.worth);
  const pairs = new Map<Wanted, Pair>();
  const taken = new Set<string>();
  for (const { one, column, worth, isByKind } of possible) {
    const part = `${column} ${one.kind === 'link'}`;
    if (pairs.has(one) || taken.has(part)) continue;
    pairs.set(one, { column, worth, isByKind });
    taken.add(part);
  }
  return pairs;
}

/** The share of a column's values that are of a kind. */
function shareOf(table: Table, column: number, kind: ValueKind, language: string | null): number {
  const cells = table.rows.slice(0, SAMPLE).flatMap((row) => row[column] ?? []);
  const filled = cells.filter(({ text, address }) => text !== '' || address !== null);
  if (filled.length === 0) return 0;
  return filled.filter((cell) => !valueOf(cell, kind, language).isOdd).length / filled.length;
}

function valueOf(cell: Cell, kind: ValueKind | null, language: string | null): { cell: Cell; isOdd: boolean } {
  if (cell.text === '' && cell.address === null) return { cell: EMPTY, isOdd: false };
  if (kind === 'link') return { cell: { text: cell.address ?? '', address: null }, isOdd: cell.address === null };
  const { text } = cell;
  const read = kind === 'number' ? numberIn(text, language) : kind === 'date' ? dayIn(text, language) : text;
  return { cell: { text: read ?? text, address: null }, isOdd: read === null };
}

/** A table of names and values as one row below the names. */
function turned(table: Table): Table[] {
  const { columns, rows } = table;
  const names = rows.map(([name]) => name?.text ?? '');
  const isOfNames = columns.length === 2 && rows.length <= MOST_TURNED && new Set(names).size === names.length;
  if (!isOfNames || rows.length === 0) return [];
  return [{ ...table, columns: distinct(names), rows: [rows.map(([, value]) => value ?? EMPTY)] }];
}
