import { expect, test } from 'vitest';
import type { Hit } from '../../backend/types';
import { completionOf, filesOf } from './entries';

function hit(document: number, path: string): Hit {
  return { document, path, title: null } as unknown as Hit;
}

test('files are told once, those first that are named so', () => {
  const hits = [hit(1, '/a/notes.md'), hit(1, '/a/notes.md'), hit(2, '/a/renewal.md'), hit(3, '/a/x.md')];
  expect(filesOf(hits, 'renewal', 2).map(({ document }) => document)).toEqual([2, 1]);
});

test('the best name completes what is typed, and what is complete stays', () => {
  const [ask, file, passage] = [{}, { completes: 'renewal.md' }, {}];
  const entries = [ask, file, passage];
  expect(completionOf(entries, ask, 'ren')).toBe('renewal.md');
  expect(completionOf([...entries, { completes: 'other.md' }], { completes: 'other.md' }, 'ren')).toBe('other.md');
  expect(completionOf(entries, ask, 'renewal.md')).toBeNull();
  expect(completionOf([ask, passage], ask, 'ren')).toBeNull();
  expect(completionOf(entries, ask, '')).toBeNull();
});
