import { describe, expect, test } from 'vitest';
import { snapshotOf } from '../../tests/page/html';
import { structuredData } from './structured_data';

describe('JSON-LD', () => {
  test('is told as things, in graphs as well', () => {
    const recipe = {
      '@type': 'Recipe',
      name: 'Soup',
      recipeIngredient: ['leek', 'salt'],
      author: { '@type': 'Person', name: 'Ada' },
    };
    const graph = {
      '@context': 'https://schema.org',
      '@graph': [
        { '@type': ['http://schema.org/Event', 'Thing'], '@id': '#e', startDate: { '@value': '2026-03-04' } },
        5,
      ],
    };
    expect(structuredData(snapshotOf('', [JSON.stringify(recipe), JSON.stringify(graph)]))).toEqual([
      {
        types: ['Recipe'],
        id: null,
        source: 'json-ld',
        properties: [
          { name: 'name', values: ['Soup'] },
          { name: 'recipeIngredient', values: ['leek', 'salt'] },
          {
            name: 'author',
            values: [
              { types: ['Person'], id: null, source: 'json-ld', properties: [{ name: 'name', values: ['Ada'] }] },
            ],
          },
        ],
      },
      {
        types: ['Event', 'Thing'],
        id: '#e',
        source: 'json-ld',
        properties: [{ name: 'startDate', values: ['2026-03-04'] }],
      },
    ]);
  });

  test('that is malformed is left out, and what follows is not', () => {
    const things = structuredData(snapshotOf('', ['{"@type": ', 'null', '"text"', '{"@type":"Thing","name":"x"}']));
    expect(things.map(({ types }) => types)).toEqual([['Thing']]);
  });

  test('that is endless is bounded', () => {
    let deep: unknown = 'end';
    for (let depth = 0; depth < 200; depth++) deep = { '@type': 'Thing', part: deep };
    const wide = {
      '@type': 'Thing',
      ...Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`p${at}`, 'x'.repeat(9000)])),
    };
    const things = structuredData(snapshotOf('', [JSON.stringify(deep), JSON.stringify(wide)]));
    expect(JSON.stringify(things).length).toBeLessThan(300_000);
  });

  test('cannot change what all objects have', () => {
    const things = structuredData(snapshotOf('', ['{"@type":"Thing","__proto__":{"isCut":true},"constructor":"x"}']));
    expect(things[0]?.properties.map(({ name }) => name)).toEqual(['__proto__', 'constructor']);
    expect(({} as { isCut?: boolean }).isCut).toBeUndefined();
  });
});

test('microdata is told with nested things and what is referred to', () => {
  const page =
    '<div itemscope itemtype="https://schema.org/Product" itemref="more"><h1 itemprop="name">Boots</h1>' +
    '<div itemprop="offers" itemscope itemtype="https://schema.org/Offer"><meta itemprop="priceCurrency" content="GBP"><b itemprop="price">129</b></div>' +
    '<a itemprop="url" href="https://a.test/boots">More</a></div><p id="more"><time itemprop="releaseDate" datetime="2026-01-02">January</time></p>';
  expect(structuredData(snapshotOf(page))).toMatchObject([
    {
      types: ['Product'],
      source: 'microdata',
      properties: [
        { name: 'name', values: ['Boots'] },
        {
          name: 'offers',
          values: [
            {
              types: ['Offer'],
              properties: [
                { name: 'priceCurrency', values: ['GBP'] },
                { name: 'price', values: ['129'] },
              ],
            },
          ],
        },
        { name: 'url', values: ['https://a.test/boots'] },
        { name: 'releaseDate', values: ['2026-01-02'] },
      ],
    },
  ]);
});

test('microdata in which everything refers to everything ends soon', () => {
  const names = Array.from({ length: 60 }, (_, at) => `i${at}`);
  const page = names
    .map((name) => `<p id="${name}" itemprop="x" itemscope itemref="${names.join(' ')}">y</p>`)
    .join('');
  const begun = performance.now();
  expect(structuredData(snapshotOf(`<div itemscope>${page}</div>`)).length).toBeLessThanOrEqual(500);
  expect(performance.now() - begun).toBeLessThan(5000);
});

test('RDFa Lite is told as things', () => {
  const page =
    '<div vocab="https://schema.org/" typeof="Person"><span property="name">Ada</span><a property="schema:url" href="https://a.test/">Site</a>' +
    '<div property="address" typeof="PostalAddress"><span property="addressLocality">London</span></div></div>';
  expect(structuredData(snapshotOf(page))).toMatchObject([
    {
      types: ['Person'],
      source: 'rdfa',
      properties: [
        { name: 'name', values: ['Ada'] },
        { name: 'url', values: ['https://a.test/'] },
        {
          name: 'address',
          values: [{ types: ['PostalAddress'], properties: [{ name: 'addressLocality', values: ['London'] }] }],
        },
      ],
    },
  ]);
});
