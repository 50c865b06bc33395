import { expect, test } from 'vitest';
import { portion } from './portion';

const HEIGHTS = [100, 50, 200, 100];

test.each([
  ['at the beginning', 0, 120, { first: 0, end: 2, above: 0, below: 300 }],
  ['in the middle', 149, 160, { first: 1, end: 3, above: 100, below: 100 }],
  ['on a border', 150, 350, { first: 2, end: 3, above: 150, below: 100 }],
  ['at the end', 300, 450, { first: 2, end: 4, above: 150, below: 0 }],
  ['above all', -500, -100, { first: 0, end: 1, above: 0, below: 350 }],
  ['below all', 900, 1000, { first: 3, end: 4, above: 350, below: 0 }],
  ['all', -10, 1000, { first: 0, end: 4, above: 0, below: 0 }],
])('what is in sight %s', (_, top, bottom, expected) => {
  expect(portion(HEIGHTS, top, bottom)).toEqual(expected);
});

test('of nothing, nothing is in sight', () => {
  expect(portion([], 0, 100)).toEqual({ first: 0, end: 0, above: 0, below: 0 });
});
