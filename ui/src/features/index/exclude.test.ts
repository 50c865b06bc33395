import { expect, test } from 'vitest';
import { patternFor } from './exclude';

test('a file is left out by its place in the innermost folder', () => {
  expect(patternFor('/home/ada/docs/a/b.pdf', ['/home/ada', '/home/ada/docs/', '/home/ada/doc'])).toBe('/a/b.pdf');
  expect(patternFor('C:\\Users\\ada\\a\\b.pdf', ['C:\\Users\\ada'])).toBe('/a/b.pdf');
});

test('a name is no pattern', () => {
  expect(patternFor('/r/!a [1]* {x}#.pdf', ['/r'])).toBe('/\\!a\\ \\[1\\]\\*\\ \\{x\\}\\#.pdf');
  expect(patternFor('/r/a\\b', ['/r'])).toBe('/a\\\\b');
});

test('what cannot be named is not', () => {
  expect(patternFor('/elsewhere/a', ['/r'])).toBeNull();
  expect(patternFor('/r/two\nlines', ['/r'])).toBeNull();
});
