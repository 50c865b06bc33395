import { expect, test } from 'vitest';
import type { Hit } from '../../backend/types';
import { filesOf } from './entries';

function hit(document: number, path: string): Hit {
  return { document, path, title: null } as unknown as Hit;
}

test('files are told once, those first that are named so', () => {
  const hits = [hit(1, '/a/notes.md'), hit(1, '/a/notes.md'), hit(2, '/a/renewal.md'), hit(3, '/a/x.md')];
  expect(filesOf(hits, 'renewal', 2).map(({ document }) => document)).toEqual([2, 1]);
});
