import { marked } from 'marked';
import { expect, test } from 'vitest';
import { snapshotOf } from '../../tests/page/html';
import type { PlainThing } from './plain_things';
import { structuredData } from './structured_data';
import {
  countFacts,
  factsSection,
  readableName,
  singleThings,
  tableOfThing,
  tablesOfThings,
  thingsToJson,
  thingsToMarkdown,
} from './things_written';

const thing = (type: string, name: string, ...properties: [string, string][]): PlainThing => ({
  type,
  name,
  properties: properties.map(([key, value]) => ({ name: key, value })),
});

test('three of a type are a table, fewer are told one by one', () => {
  const offers = ['1', '2', '3'].map((price, at) =>
    thing('Offer', '', ['price', price], ...(at === 1 ? [['note', 'x'] as [string, string]] : [])),
  );
  const event = thing('Event', 'Fair', ['startDate', '2026-03-04'], ['url', 'https://a.test/']);
  const [table, ...others] = tablesOfThings([...offers, event]);
  expect(others).toEqual([]);
  expect([table?.title, table?.columns]).toEqual(['Offer', ['Price', 'Note']]);
  expect(table?.rows.map((row) => row.map(({ text }) => text))).toEqual([
    ['1', ''],
    ['2', 'x'],
    ['3', ''],
  ]);
  expect(singleThings([...offers, event])).toEqual([event]);
  expect(tableOfThing(event, ['Property', 'Value'])).toMatchObject({
    title: 'Fair',
    columns: ['Property', 'Value'],
    rows: [
      [{ text: 'startDate' }, { text: '2026-03-04' }],
      [{ text: 'url' }, { text: 'https://a.test/', address: 'https://a.test/' }],
    ],
  });
});

test('names are written as words', () => {
  expect(readableName('startDate')).toBe('Start date');
  expect(readableName('offers.priceCurrency')).toBe('Offers – price currency');
  expect(readableName('ISBN')).toBe('ISBN');
});

test('JSON has what is in things, and takes any name', () => {
  const page =
    '{"@type":["Product","Thing"],"@id":"#b","name":"\\"Boots\\"","__proto__":"x","offers":[{"price":1},{"price":2}]}';
  const things = structuredData(snapshotOf('', [page, '{"@type":"Event"}']));
  const written = JSON.parse(thingsToJson(things)) as object[];
  expect(Object.entries(written[0]!)).toEqual([
    ['@type', ['Product', 'Thing']],
    ['@id', '#b'],
    ['name', '"Boots"'],
    ['__proto__', 'x'],
    ['offers', [{ price: '1' }, { price: '2' }]],
  ]);
  expect(written[1]).toEqual({ '@type': 'Event' });
  expect(thingsToJson([])).toBe('[\n]');
});

test('Markdown is a list whatever is in it', () => {
  const hostile = ['# not a heading', '[a](https://evil.test)', '<img src=x>', '- x', '| a |', '```', '![x](y)'];
  const written = thingsToMarkdown([
    thing('Thing', '**x**', ...hostile.map((text, at): [string, string] => [`p_${at}`, text])),
  ]);
  const [head, list, ...rest] = marked.lexer(written).filter(({ type }) => type !== 'space');
  expect([head?.type, list?.type, rest.length]).toEqual(['paragraph', 'list', 0]);
  const html = marked.parse(written) as string;
  expect(html).not.toMatch(/<(?:a|img|h\d|table|code)\b/);
});

test('facts are a section with a bound, without texts that are the page once more', () => {
  expect(factsSection([], 'Facts')).toBe('');
  expect(factsSection([thing('Article', 'A', ['articleBody', 'long'])], 'Facts')).toBe('');
  expect(factsSection([thing('Event', 'Fair', ['startDate', '2026-03-04'])], 'Facts of the page')).toBe(
    '## Facts of the page\n\n**Event: Fair**\n\n- Start date: 2026-03-04',
  );
  const much = Array.from({ length: 50 }, (_, at) =>
    thing('Thing', `n${at}`, ...Array.from({ length: 30 }, (_, of): [string, string] => [`p${of}`, 'x'.repeat(1000)])),
  );
  expect(factsSection(much, 'Facts').length).toBeLessThan(21_000);
  expect(countFacts(much)).toBeGreaterThan(0);
  expect(countFacts(much)).toBeLessThanOrEqual(300);
});
