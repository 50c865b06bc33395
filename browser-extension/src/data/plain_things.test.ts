import { describe, expect, test } from 'vitest';
import { snapshotOf } from '../../tests/page/html';
import { thingsOf, type PlainThing } from './plain_things';
import { structuredData } from './structured_data';

function told(...linked: unknown[]): PlainThing[] {
  return thingsOf(
    structuredData(
      snapshotOf(
        '',
        linked.map((one) => JSON.stringify(one)),
      ),
    ),
  );
}

describe('things as plain text', () => {
  test('have what is in them by a name with a point, or by what it is called', () => {
    const product = {
      '@type': 'Product',
      name: 'Boots',
      offers: { '@type': 'Offer', price: 129, priceCurrency: 'GBP' },
      brand: { '@type': 'Brand', name: 'Fell', url: 'https://fell.test/' },
      colour: ['red', 'black', 'red'],
    };
    expect(told(product)).toEqual([
      {
        type: 'Product',
        name: 'Boots',
        properties: [
          { name: 'name', value: 'Boots' },
          { name: 'brand', value: 'Fell' },
          { name: 'colour', value: 'red; black' },
          { name: 'offers.price', value: '129' },
          { name: 'offers.priceCurrency', value: 'GBP' },
          { name: 'brand.url', value: 'https://fell.test/' },
        ],
      },
    ]);
  });

  test('leave out what only describes the page', () => {
    const list = { '@type': 'BreadcrumbList', itemListElement: [{ '@type': 'ListItem', name: 'Home' }] };
    expect(told(list, { '@type': ['WebPage', 'Recipe'], name: 'Soup' }, { '@type': 'Thing' })).toEqual([
      { type: 'WebPage', name: 'Soup', properties: [{ name: 'name', value: 'Soup' }] },
    ]);
  });

  test('know what is referred to by its name, round in circles too', () => {
    const graph = {
      '@graph': [
        { '@type': 'Person', '@id': '#ada', name: 'Ada', knows: { '@id': '#bob' } },
        { '@type': 'Person', '@id': '#bob', name: 'Bob', knows: [{ '@id': '#ada' }, { '@id': '#nobody' }] },
      ],
    };
    expect(told(graph).map(({ properties }) => properties.map(({ value }) => value))).toEqual([
      ['Ada', 'Bob'],
      ['Bob', 'Ada'],
    ]);
  });

  test('hold no markup, no scripts and nothing that nobody sees', () => {
    const [thing] = told({
      '@type': 'Thing<script>',
      name: 'A\u200b\u202e\u{e0041}b',
      description: '<p>Fish &amp; <b>chips</b>&#33;</p><script>alert(1)</script><!-- not this --><style>x{}</style>',
      open: 'before <script>never ends',
      math: '1 < 2 and 3 > 2',
    });
    expect(thing?.name).toBe('Ab');
    expect(thing?.properties.slice(1).map(({ value }) => value)).toEqual([
      'Fish & chips!',
      'before',
      '1 < 2 and 3 > 2',
    ]);
  });

  test('stay small whatever there is', () => {
    const wide = Object.fromEntries(Array.from({ length: 400 }, (_, at) => [`p${at}`, 'x'.repeat(3000)]));
    let deep: unknown = 'end';
    for (let depth = 0; depth < 500; depth++) deep = { '@type': 'Thing', part: [deep, deep === 'end' ? 'y' : 'z'] };
    const many = Array.from({ length: 300 }, (_, at) => ({ '@type': 'Thing', name: `n${at}`, ...wide }));
    const things = told(
      { '@type': 'Thing', ...wide },
      deep,
      many.slice(0, 2),
      ...Array.from({ length: 80 }, () => ({ '@type': 'Thing', name: 'x' })),
    );
    expect(things.length).toBe(50);
    for (const { type, name, properties } of things) {
      expect(properties.length).toBeLessThanOrEqual(30);
      expect([type, name].every((text) => text.length <= 200)).toBe(true);
      expect(properties.every(({ name, value }) => name.length <= 320 && value.length <= 1000)).toBe(true);
    }
    expect(JSON.stringify(things).length).toBeLessThan(50 * 30 * 1400);
  });

  test('with the names that all objects have are data like others', () => {
    const snapshot = snapshotOf('', [
      '{"@type":"Thing","__proto__":{"isAdmin":"yes"},"constructor":"x","toString":"y"}',
    ]);
    const things = thingsOf(structuredData(snapshot));
    expect(things[0]?.properties.map(({ name }) => name)).toEqual(['constructor', 'toString', '__proto__.isAdmin']);
    expect(({} as { isAdmin?: string }).isAdmin).toBeUndefined();
    expect(JSON.parse(JSON.stringify(things))).toEqual(things);
  });

  test('are none where it is malformed', () => {
    expect(thingsOf(structuredData(snapshotOf('', ['{"@type":', '[[[[', '"x"', '42', 'null'])))).toEqual([]);
    expect(thingsOf(structuredData(snapshotOf('', ['['.repeat(100_000) + ']'.repeat(100_000)])))).toEqual([]);
  });
});
