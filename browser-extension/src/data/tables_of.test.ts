import { describe, expect, test } from 'vitest';
import { snapshotOf } from '../../tests/page/html';
import type { Table } from './table';
import { tableByExample, tablesOf } from './tables_of';

function texts(table: Table | null | undefined): string[][] {
  return (table?.rows ?? []).map((row) => row.map(({ text }) => text));
}

describe('tables', () => {
  test('have the columns of their heads, and a title', () => {
    const [table] = tablesOf(
      snapshotOf('<h2>Fruit</h2><table><tr><th>Name<th>Price<tr><td><a href="https://a.test/x">Apple</a><td>1</table>'),
    );
    expect(table).toMatchObject({ kind: 'table', title: 'Fruit', columns: ['Name', 'Price'] });
    expect(table?.rows).toEqual([
      [
        { text: 'Apple', address: 'https://a.test/x' },
        { text: '1', address: null },
      ],
    ]);
  });

  test('have cells that span several places in each, and heads above each other as one', () => {
    const [table] = tablesOf(
      snapshotOf(
        '<table><caption>Sales</caption><thead><tr><th rowspan=2>Shop<th colspan=2>2025<tr><th>Q1<th>Q2</thead>' +
          '<tr><td rowspan=2>North<td>1<td>2<tr><td>3<td>4<tfoot><tr><td>All<td colspan=2>10</table>',
      ),
    );
    expect(table).toMatchObject({ title: 'Sales', columns: ['Shop', '2025 Q1', '2025 Q2'] });
    expect(texts(table)).toEqual([
      ['North', '1', '2'],
      ['North', '3', '4'],
      ['All', '10', '10'],
    ]);
  });

  test('with heads on the left are turned', () => {
    const [table] = tablesOf(snapshotOf('<table><tr><th>Weight<td>5 g<tr><th>Colour<td>red</table>'));
    expect([table?.columns, texts(table)]).toEqual([['Weight', 'Colour'], [['5 g', 'red']]]);
  });

  test('without heads have them guessed above numbers only', () => {
    const [guessed] = tablesOf(
      snapshotOf('<table><tr><td>Year<td>People<tr><td>1900<td>1,200<tr><td>1950<td>3,400</table>'),
    );
    expect([guessed?.columns, guessed?.rows.length]).toEqual([['Year', 'People'], 2]);
    const [plain] = tablesOf(snapshotOf('<table><tr><td>a<td>b<tr><td>c<td>d</table>'));
    expect([plain?.columns, plain?.rows.length]).toEqual([['Column 1', 'Column 2'], 2]);
  });

  test('in tables are tables of their own, and those that lay out the page are none', () => {
    const inner = '<table><tr><th>A<th>B<tr><td>1<td>2</table>';
    expect(tablesOf(snapshotOf(`<table><tr><td>Menu<td>${inner}</table>`)).map(({ columns }) => columns)).toEqual([
      ['A', 'B'],
    ]);
    expect(tablesOf(snapshotOf(`<table><tr><th>X<th>Y<tr><td>1<td>${inner}</table>`))).toHaveLength(2);
  });

  test('of absurd spans stay small', () => {
    const [table] = tablesOf(snapshotOf('<table><tr><th colspan=99999999>A<tr><td rowspan=99999999>1<td>2</table>'));
    expect(table?.columns.length).toBeLessThanOrEqual(300);
  });

  test('with the names that all objects have stay as they are', () => {
    const [table] = tablesOf(
      snapshotOf('<table><tr><th>__proto__<th>constructor<th>__proto__<tr><td>1<td>2<td>3</table>'),
    );
    expect(table?.columns).toEqual(['__proto__', 'constructor', '__proto__ 2']);
  });
});

describe('lists', () => {
  test('are tables of one column, and nested ones are their own', () => {
    const found = tablesOf(snapshotOf('<ul><li>One<ul><li>Inner a<li>Inner b</ul><li>Two</ul>'));
    expect(found.map((table) => [table.kind, texts(table)])).toEqual([
      ['list', [['One'], ['Two']]],
      ['list', [['Inner a'], ['Inner b']]],
    ]);
  });

  test('of terms have a row for each meaning', () => {
    const [table] = tablesOf(snapshotOf('<dl><dt>Cat<dd>An animal<dt>Sea<dt>Ocean<dd>Water<dd>Deep</dl>'));
    expect(texts(table)).toEqual([
      ['Cat', 'An animal'],
      ['Sea', 'Water'],
      ['Ocean', 'Water'],
      ['Sea', 'Deep'],
      ['Ocean', 'Deep'],
    ]);
  });

  test('of ways through the site are left out', () => {
    expect(tablesOf(snapshotOf('<nav><a href="https://a.test/">A</a></nav>'))).toEqual([]);
  });
});

const card = (name: string, price: string, old = ''): string =>
  `<div class="product"><img alt="${name}" src="https://a.test/${name}.png"><h3 class="product__title"><a href="https://a.test/${name}">${name}</a></h3>` +
  `<div><span class="price">${price}</span>${old === '' ? '' : `<span class="old-price">${old}</span>`}</div><button>Buy</button></div>`;
const SHOP = `<main><h2>Chairs</h2><div class="grid">${card('Oak', '£5', '£7')}${card('Ash', '£6')}${card('Elm', '£8')}${card('Fir', '£9')}</div><p>Prices with tax.</p></main>`;

describe('repeated parts', () => {
  test('are rows with a column for each value', () => {
    const table = tablesOf(snapshotOf(SHOP)).find(({ kind }) => kind === 'cards');
    expect(table).toMatchObject({ title: 'Chairs', columns: ['Image', 'Title', 'Price', 'Old price'] });
    expect(texts(table)).toEqual([
      ['Oak', 'Oak', '£5', '£7'],
      ['Ash', 'Ash', '£6', ''],
      ['Elm', 'Elm', '£8', ''],
      ['Fir', 'Fir', '£9', ''],
    ]);
    expect(table?.rows[1]?.[1]?.address).toBe('https://a.test/Ash');
  });

  test('are found by one that is pointed to, or by something in it', () => {
    const whole = tableByExample(snapshotOf(SHOP), [0, 1, 2]);
    expect(whole?.rows.map(([, title]) => title?.text)).toEqual(['Oak', 'Ash', 'Elm', 'Fir']);
    const price = tableByExample(snapshotOf(SHOP), [0, 1, 2, 2, 0]);
    expect(price?.rows).toEqual(whole?.rows);
    expect(tableByExample(snapshotOf(SHOP), [0, 2])).toBeNull();
    expect(tableByExample(snapshotOf(SHOP), [7, 7, 7])).toBeNull();
  });

  test('are not made of paragraphs', () => {
    expect(tablesOf(snapshotOf('<div><p>One.</p><p>Two.</p><p>Three.</p></div>'))).toEqual([]);
  });
});
