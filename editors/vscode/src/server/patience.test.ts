import { expect, test } from 'vitest';
import { Patience } from './patience';

test('each start in a row waits longer, until it is given up', () => {
  const patience = new Patience();
  patience.started(0);
  const waits = Array.from({ length: 9 }, () => patience.wait(1_000));
  expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, null]);
  patience.reset();
  expect(patience.wait(1_000)).toBe(500);
});

test('a server that ran for a while is started at once again', () => {
  const patience = new Patience();
  patience.started(0);
  patience.wait(1_000);
  patience.wait(1_000);
  patience.started(10_000);
  expect(patience.wait(70_000)).toBe(500);
});
