import { describe, expect, test } from 'vitest';
import { snapshotOf } from '../../tests/page/html';
import { extract, wantedIn } from './schema';
import { shaped } from './shape';
import type { Table } from './table';
import { tablesOf } from './tables_of';

describe('columns that are wanted', () => {
  test('stand on lines, with a kind behind a colon', () => {
    expect(wantedIn(' Name \n\nPrice: number\nPreis: Zahl\nNote: of what\nName\nWhen:date')).toEqual([
      { name: 'Name', kind: null },
      { name: 'Price', kind: 'number' },
      { name: 'Preis', kind: 'number' },
      { name: 'Note: of what', kind: null },
      { name: 'Name 2', kind: null },
      { name: 'When', kind: 'date' },
    ]);
    expect(wantedIn(Array.from({ length: 100 }, (_, at) => `c${at}`).join('\n'))).toHaveLength(30);
  });
});

const card = (name: string, price: string, day: string): string =>
  `<li><h3><a href="https://a.test/${name}">${name}</a></h3><p class="price">${price}</p><p class="posted">${day}</p></li>`;
const SHOP =
  `<table><tr><th>Shop<th>Open<tr><td>North<td>9<tr><td>South<td>10</table>` +
  `<ul>${card('Oak', '£1,200.50', '4 March 2026')}${card('Ash', '£6', '5 March 2026')}${card('Elm', 'sold', '6 March 2026')}</ul>` +
  `<dl><dt>Weight<dd>12 kg<dt>Colour<dd>red</dl>`;

function extracted(wanted: string, html = SHOP, language = 'en'): { rows: string[][]; told: unknown[] } | null {
  const found = extract(tablesOf(snapshotOf(html)), wantedIn(wanted), language);
  return (
    found && {
      rows: [found.table.columns, ...found.table.rows.map((row) => row.map(({ text }) => text))],
      told: found.matches.map(({ wanted, column, isByKind, odd }) => [wanted.name, column, isByKind, odd]),
    }
  );
}

describe('columns are found', () => {
  test('by their names, in other words and languages, and their values by their kinds', () => {
    expect(extracted('Titel\nCost: number\nDatum: date\nPage: link\nSmell')).toEqual({
      rows: [
        ['Titel', 'Cost', 'Datum', 'Page'],
        ['Oak', '1200.50', '2026-03-04', 'https://a.test/Oak'],
        ['Ash', '6', '2026-03-05', 'https://a.test/Ash'],
        ['Elm', 'sold', '2026-03-06', 'https://a.test/Elm'],
      ],
      told: [
        ['Titel', 'Title', false, 0],
        ['Cost', 'Price', false, 1],
        ['Datum', 'Posted', false, 0],
        ['Page', 'Title', true, 0],
        ['Smell', null, false, 0],
      ],
    });
  });

  test('in a table whose names stand beside their values', () => {
    expect(extracted('colour\nweight: number')?.rows).toEqual([
      ['colour', 'weight'],
      ['red', '12'],
    ]);
  });

  test('in the table that has most of them', () => {
    expect(extracted('Shop\nOpen: number')?.rows).toEqual([
      ['Shop', 'Open'],
      ['North', '9'],
      ['South', '10'],
    ]);
  });

  test('not where a name is right and its values are of another kind', () => {
    expect(extracted('Shop: number')).toEqual(null);
    expect(extracted('Nothing of that')).toBeNull();
    expect(extracted('')).toBeNull();
  });
});

test('columns are called otherwise and left out', () => {
  const [table] = tablesOf(snapshotOf(SHOP));
  const made = shaped(table as Table, [
    { name: ' Place ', isKept: true },
    { name: 'Open', isKept: false },
  ]);
  expect([made.columns, made.rows.map((row) => row.map(({ text }) => text))]).toEqual([
    ['Place'],
    [['North'], ['South']],
  ]);
  expect(
    shaped(table as Table, [
      { name: 'X', isKept: true },
      { name: 'X', isKept: true },
    ]).columns,
  ).toEqual(['X', 'X 2']);
  expect(shaped(table as Table, []).columns).toEqual(['Shop', 'Open']);
  expect(shaped(table as Table, [{ name: '', isKept: true }]).columns).toEqual(['Shop', 'Open']);
});
