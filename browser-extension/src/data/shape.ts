import { distinct, type Table } from './table';

/** What becomes of a column. */
export interface ColumnChoice {
  /** What it is called; its own name when this is empty. */
  name: string;
  isKept: boolean;
}

/** A table with the columns that are kept, under the names that a person gave them. */
export function shaped(table: Table, choices: readonly ColumnChoice[]): Table {
  const kept = table.columns.map((_, column) => column).filter((column) => choices[column]?.isKept ?? true);
  const names = kept.map((column) => choices[column]?.name.trim() || (table.columns[column] ?? ''));
  return {
    ...table,
    columns: distinct(names),
    rows: table.rows.map((row) => kept.map((column) => row[column] ?? { text: '', address: null })),
  };
}
