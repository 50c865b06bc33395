import { readdirSync, readFileSync } from 'node:fs';
import { expect } from '@playwright/test';
import type { Table } from '../../src/data/table';
import { test, unescaped } from './reader';

/** What must hold of a page. */
interface Expected {
  title?: string;
  isArticle?: boolean;
  byline?: string;
  language?: string;
  direction?: string;
  /** Sentences that are there, in this order. */
  present: string[];
  /** What is not. */
  absent: string[];
  /** Pieces of the Markdown as it is written. */
  markdown?: string[];
  /** Tables that are among those of the page: their columns, how many rows they have, and the first of these. */
  tables?: { columns: string[]; rows: number; first: string[] }[];
}

const folder = new URL('pages/', import.meta.url);
const names = readdirSync(folder).filter((file) => file.endsWith('.json'));

for (const file of names) {
  const name = file.replace(/\.json$/, '');
  const expected = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Expected;

  test(`${name} is read as a person sees it`, async ({ reader }) => {
    await reader.open(`pages/${name}`);
    const text = await reader.text();
    const plain = unescaped(text.markdown);
    let from = 0;
    for (const sentence of expected.present) {
      const at = plain.indexOf(sentence, from);
      expect(at, `“${sentence}” after ${from} in:\n${text.markdown}`).toBeGreaterThanOrEqual(0);
      from = at + sentence.length;
    }
    for (const sentence of expected.absent) expect(plain).not.toContain(sentence);
    for (const piece of expected.markdown ?? []) expect(text.markdown).toContain(piece);
    if (expected.tables) {
      const tables = await reader.inPanel<Table[]>('tablesOf', await reader.snapshot());
      const told = tables.map(({ columns, rows }) => {
        return { columns, rows: rows.length, first: (rows[0] ?? []).map((cell) => cell.text) };
      });
      for (const table of expected.tables) expect(told).toContainEqual(table);
    }
    const { title, isArticle, byline, language, direction } = text;
    const said = { title, isArticle, byline, language, direction };
    for (const key of ['title', 'isArticle', 'byline', 'language', 'direction'] as const) {
      if (expected[key] !== undefined) expect(said[key]).toBe(expected[key]);
    }
  });
}
