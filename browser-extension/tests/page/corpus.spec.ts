import { readdirSync, readFileSync } from 'node:fs';
import { expect } from '@playwright/test';
import type { PlainThing } from '../../src/data/plain_things';
import type { Table } from '../../src/data/table';
import type { Thing } from '../../src/data/thing';
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
  /** All tables, lists and repeated parts that there are, in order: what they are, how many rows they have, and their columns. */
  data?: string[];
  /** All that the page states of things for machines. */
  things?: PlainThing[];
  /** What somebody gets who selects one of these as an example. */
  examples?: { of: string; columns: string[]; rows: number; first: string[] }[];
}

function toldOf({ columns, rows }: Table): { columns: string[]; rows: number; first: string[] } {
  return { columns, rows: rows.length, first: (rows[0] ?? []).map((cell) => cell.text) };
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
    const snapshot = await reader.snapshot();
    const tables = await reader.inPanel<Table[]>('tablesOf', snapshot);
    for (const table of expected.tables ?? []) expect(tables.map(toldOf)).toContainEqual(table);
    const summaries = tables.map(({ kind, rows, columns }) => `${kind} ${rows.length}: ${columns.join(', ')}`);
    expect(summaries).toEqual(expected.data ?? []);
    const things = await reader.inPanel<Thing[]>('structuredData', snapshot);
    expect(await reader.inPanel<PlainThing[]>('thingsOf', things)).toEqual(expected.things ?? []);
    for (const { of, ...table } of expected.examples ?? []) {
      const marked = await reader.snapshot(`{ chosen: document.querySelector(${JSON.stringify(of)}) }`);
      const rows = marked.chosen && (await reader.inPanel<Table | null>('tableByExample', marked, marked.chosen));
      expect(rows && toldOf(rows), of).toEqual(table);
    }
    const { title, isArticle, byline, language, direction } = text;
    const said = { title, isArticle, byline, language, direction };
    for (const key of ['title', 'isArticle', 'byline', 'language', 'direction'] as const) {
      if (expected[key] !== undefined) expect(said[key]).toBe(expected[key]);
    }
  });
}
