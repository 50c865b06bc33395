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

test('code is quoted in a fence, which may be longer than that of its text', () => {
  const answer = [
    'These passages fit best:\n',
    '```rust\nfn main() {}\n``` [1]\n— main.rs:1-3\n',
    '````markdown\n```sh\nls\n```\n```` [2]\n— build.md:2\n',
    '“last” [3]\n— Notes (notes.md:9)\n',
  ].join('\n');
  expect(partsOf(answer).slice(1)).toEqual([
    { kind: 'quote', text: 'fn main() {}', number: 1, source: 'main.rs:1-3' },
    { kind: 'quote', text: '```sh\nls\n```', number: 2, source: 'build.md:2' },
    { kind: 'quote', text: 'last', number: 3, source: 'Notes (notes.md:9)' },
  ]);
});

test('what is no quote stays as it is', () => {
  expect(partsOf('“not yet whole')).toEqual([{ kind: 'words', text: '“not yet whole' }]);
  expect(partsOf('')).toEqual([]);
});
