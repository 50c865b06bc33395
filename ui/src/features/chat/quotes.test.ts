import { expect, test } from 'vitest';
import { partsOf } from './quotes';

test('an extractive answer is taken apart into its quotes', () => {
  const answer = [
    'No language model is loaded; these are passages.\n',
    '“first\n\nwith “inner” words” [1]\n— Notes › a (notes.md:1-3)\n',
    '“second” [2]\n— Notes (notes.md:9)\n',
  ].join('\n');
  expect(partsOf(answer)).toEqual([
    { kind: 'words', text: 'No language model is loaded; these are passages.' },
    { kind: 'quote', text: 'first\n\nwith “inner” words', number: 1, source: 'Notes › a (notes.md:1-3)' },
    { kind: 'quote', text: 'second', number: 2, source: 'Notes (notes.md:9)' },
  ]);
});

test('what is no quote stays as it is', () => {
  expect(partsOf('“not yet whole')).toEqual([{ kind: 'words', text: '“not yet whole' }]);
  expect(partsOf('')).toEqual([]);
});
