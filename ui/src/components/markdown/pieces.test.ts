import { expect, test } from 'vitest';
import { pieces } from './pieces';

test('a text is cut at the ends of its lines', () => {
  const line = `${'word '.repeat(20)}\n`;
  const all = pieces(line.repeat(1_000));
  expect(all.length).toBeGreaterThan(4);
  expect(all.every((piece) => piece.length <= 20_000)).toBe(true);
  expect(`${all.join('\n')}`).toBe(line.repeat(1_000));
});

test('a line without an end is cut anywhere', () => {
  expect(pieces('a'.repeat(50_000)).join('')).toBe('a'.repeat(50_000));
  expect(pieces('')).toEqual(['']);
});

test('a long line is cut in a moment', () => {
  const text = 'a'.repeat(20_000_000);
  const begun = performance.now();
  expect(pieces(text)).toHaveLength(1_000);
  expect(performance.now() - begun).toBeLessThan(500);
});

test('what is appended changes the last piece alone', () => {
  const text = 'some words\n'.repeat(10_000);
  const before = pieces(text.slice(0, 70_000)).slice(0, -1);
  expect(pieces(text).slice(0, before.length)).toEqual(before);
});
