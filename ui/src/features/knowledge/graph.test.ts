import { describe, expect, test } from 'vitest';
import { bareNode, documentsQuery, isCut, MOST, neighboursOf, neighboursQuery, nodesOf, searchQuery } from './graph';

const iri = (value: string) => ({ type: 'iri' as const, value });
const literal = (value: string) => ({ type: 'literal' as const, value });

describe('what is asked', () => {
  test('names the node, and only relations that it can have', () => {
    const query = neighboursQuery('urn:ambit:document:7#symbol-2');
    expect(query).toContain('?node ambit:defines <urn:ambit:document:7#symbol-2>');
    expect(query).not.toContain('keywords');
    expect(neighboursQuery('https://example.org/')).toContain('?node ambit:linksTo <https://example.org/>');
    expect(neighboursQuery('tag:garden')).toContain('?node schema:keywords "garden"');
  });

  test('keeps an id and a text from being more than that', () => {
    const query = neighboursQuery('urn:x> } DELETE { ?s ?p ?o } #');
    expect(query).toContain('<urn:x%3E%20%7D%20DELETE%20%7B%20?s%20?p%20?o%20%7D%20#>');
    expect(searchQuery('a" || "b\\')).toContain('"a\\" || \\"b\\\\"');
    expect(documentsQuery(['/a "b"'])).toContain('VALUES ?path { "/a \\"b\\"" }');
  });
});

describe('what comes back', () => {
  const variables = ['relation', 'node', 'name', 'path', 'line'];

  test('is told by relation, then by place, each once', () => {
    const rows = [
      [literal('defines'), iri('urn:ambit:document:1#symbol-1'), literal('late'), null, literal('9')],
      [literal('defines'), iri('urn:ambit:document:1#symbol-0'), literal('early'), null, literal('2')],
      [literal('defines'), iri('urn:ambit:document:1#symbol-0'), literal('early'), null, literal('2')],
      [literal('links'), iri('urn:ambit:document:2'), literal('Beds'), literal('/home/beds.md'), null],
      [literal('tag'), literal('garden'), null, null, null],
    ];
    const found = neighboursOf({ variables, rows, truncated: false });
    expect(found.map(({ relation, node }) => [relation, node.name])).toEqual([
      ['links', 'Beds'],
      ['tag', 'garden'],
      ['defines', 'early'],
      ['defines', 'late'],
    ]);
    expect(found[0]?.node).toEqual({
      id: 'urn:ambit:document:2',
      kind: 'document',
      name: 'Beds',
      document: 2,
      span: null,
      path: '/home/beds.md',
    });
    expect(found[1]?.node).toMatchObject({ id: 'tag:garden', kind: 'tag', document: null });
    expect(found[2]?.node).toMatchObject({ kind: 'symbol', document: 1, span: { unit: 'lines', start: 2, end: 2 } });
  });

  test('stands on a page where there are no lines, and is told in the order of pages', () => {
    const rows = [
      [literal('section'), iri('urn:ambit:document:1#section-1'), literal('late'), null, null, literal('12')],
      [literal('section'), iri('urn:ambit:document:1#section-0'), literal('then'), null, null, literal('3')],
    ];
    const found = neighboursOf({ variables: [...variables, 'page'], rows, truncated: false });
    expect(found.map(({ node }) => node.span)).toEqual([
      { unit: 'pages', start: 3, end: 3 },
      { unit: 'pages', start: 12, end: 12 },
    ]);
  });

  test('is cut only when there is more than is shown', () => {
    const rows = Array.from({ length: MOST + 1 }, (_, index) => [literal('links'), iri(`urn:ambit:document:${index}`)]);
    const result = { variables: ['relation', 'node'], rows, truncated: false };
    expect(isCut(result, MOST)).toBe(true);
    expect(neighboursOf(result)).toHaveLength(MOST);
    expect(isCut({ ...result, rows: rows.slice(1) }, MOST)).toBe(false);
    expect(isCut({ ...result, rows: [], truncated: true }, MOST)).toBe(true);
  });

  test('is a tag or a name where it is found as one', () => {
    const rows = [
      [literal('tag'), literal('garden')],
      [literal('imports'), literal('serde')],
    ];
    const nodes = nodesOf({ variables: ['relation', 'node'], rows, truncated: false });
    expect(nodes.map(({ id, kind, name }) => [id, kind, name])).toEqual([
      ['tag:garden', 'tag', 'garden'],
      ['name:serde', 'name', 'serde'],
    ]);
  });

  test('has a name in any case', () => {
    const rows = [[iri('file:///home/a%20b.md')], [iri('https://example.org/%E0%A4%A')]];
    const nodes = nodesOf({ variables: ['node'], rows, truncated: false });
    expect(nodes.map(({ kind, name }) => [kind, name])).toEqual([
      ['page', '/home/a b.md'],
      ['page', 'https://example.org/%E0%A4%A'],
    ]);
    expect(bareNode('name:serde').name).toBe('serde');
  });
});
