import { expect, test } from 'vitest';
import { matches } from './matches';

test('all words must be there, in any case and order', () => {
  expect(matches('Go to Settings', ' sett go ')).toBe(true);
  expect(matches('Go to Settings', 'sett gone')).toBe(false);
  expect(matches('anything', '')).toBe(true);
});
