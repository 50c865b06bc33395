import { describe, expect, test } from 'vitest';
import { bareNode, documentsQuery, neighboursOf, neighboursQuery, nodesOf, searchQuery } from './graph';

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
      line: null,
      path: '/home/beds.md',
    });
    expect(found[1]?.node).toMatchObject({ id: 'tag:garden', kind: 'tag', document: null });
    expect(found[2]?.node).toMatchObject({ kind: 'symbol', document: 1, line: 2 });
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
