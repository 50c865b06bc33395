import { expect, test } from 'vitest';
import { Queue } from './queue';

test('values are taken in order, whether they came before or after', async () => {
  const queue = new Queue<number>();
  queue.push(1);
  queue.push(2);
  expect([await queue.take(), await queue.take()]).toEqual([1, 2]);
  const next = queue.take();
  queue.push(3);
  expect(await next).toBe(3);
});

test('a failure comes before all that waits', async () => {
  const queue = new Queue<number>();
  const next = queue.take();
  queue.fail('over');
  queue.push(1);
  await expect(next).rejects.toBe('over');
  await expect(queue.take()).rejects.toBe('over');
});
