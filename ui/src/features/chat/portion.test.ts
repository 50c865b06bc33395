import { expect, test } from 'vitest';
import { around, portion, towards } from './portion';

const HEIGHTS = [100, 50, 200, 100];

test.each([
  ['at the beginning', 0, 120, { first: 0, end: 2 }, { above: 0, below: 300 }],
  ['in the middle', 149, 160, { first: 1, end: 3 }, { above: 100, below: 100 }],
  ['on a border', 150, 350, { first: 2, end: 3 }, { above: 150, below: 100 }],
  ['at the end', 300, 450, { first: 2, end: 4 }, { above: 150, below: 0 }],
  ['above all', -500, -100, { first: 0, end: 1 }, { above: 0, below: 350 }],
  ['below all', 900, 1000, { first: 3, end: 4 }, { above: 350, below: 0 }],
  ['all', -10, 1000, { first: 0, end: 4 }, { above: 0, below: 0 }],
])('what is in sight %s', (_, top, bottom, expected, rest) => {
  expect(portion(HEIGHTS, top, bottom)).toEqual(expected);
  expect(around(HEIGHTS, expected)).toEqual(rest);
});

test('of nothing, nothing is in sight', () => {
  expect(portion([], 0, 100)).toEqual({ first: 0, end: 0 });
});

test.each([
  ['after a jump, what is in sight and the next ones', [0, 4], [20, 23], [17, 26], [19, 24]],
  ['what is drawn already costs nothing', [18, 26], [20, 23], [17, 26], [17, 26]],
  ['one step further up', [19, 24], [18, 21], [15, 24], [16, 24]],
  ['one step further down', [15, 24], [20, 23], [17, 26], [17, 26]],
  ['all that is wanted', [17, 26], [20, 23], [17, 26], [17, 26]],
  ['what is far from it goes', [0, 30], [20, 23], [17, 26], [17, 26]],
  ['at the end nothing is below', [0, 4], [20, 23], [17, 23], [18, 23]],
] as const)('%s', (_, drawn, sight, wanted, expected) => {
  const of = ([first, end]: readonly [number, number]): { first: number; end: number } => ({ first, end });
  const isDrawn = (index: number): boolean => index >= drawn[0] && index < drawn[1];
  expect(towards(of(wanted), of(sight), isDrawn, 2)).toEqual(of(expected));
});
