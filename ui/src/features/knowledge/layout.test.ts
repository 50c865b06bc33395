import { expect, test } from 'vitest';
import { around, between, roomFor, shortened } from './layout';

test('neighbours stand within the drawing, apart from each other and from the middle', () => {
  for (const width of [280, 500, 900]) {
    const count = roomFor(width);
    const points = around(count, width, 380);
    expect(points).toHaveLength(count);
    for (const [at, { x, y }] of points.entries()) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x).toBeLessThanOrEqual(width);
      expect(y).toBeGreaterThanOrEqual(0);
      expect(y).toBeLessThanOrEqual(380);
      const others = [...points.slice(at + 1), { x: width / 2, y: 190 }];
      for (const other of others) expect(Math.hypot(other.x - x, other.y - y)).toBeGreaterThan(24);
    }
  }
  expect(around(0, 300, 300)).toEqual([]);
});

test('a point between two lies on the way', () => {
  expect(between({ x: 0, y: 10 }, { x: 10, y: 20 }, 0.5)).toEqual({ x: 5, y: 15 });
});

test('a long name is cut between letters', () => {
  expect(shortened('short', 10)).toBe('short');
  expect(shortened('a👍🏽bcdefgh', 3)).toBe('a👍…');
});
