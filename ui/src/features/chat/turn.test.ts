import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LiveTurn } from './turn.svelte';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** How often what is shown changed, while that many pieces came at once. */
async function changes(turn: LiveTurn, pieces: number, piece: string, apart: number): Promise<number> {
  let [count, last] = [0, turn.text];
  for (let sent = 0; sent < pieces; sent++) {
    turn.apply({ event: 'text', text: piece });
    await vi.advanceTimersByTimeAsync(apart);
    if (turn.text !== last) count++;
    last = turn.text;
  }
  return count;
}

test('text that comes in small pieces is shown twenty times a second at most', async () => {
  const turn = new LiveTurn('why?', 0);
  expect(await changes(turn, 1_000, 'a', 1)).toBeLessThanOrEqual(20);
  expect(turn.text.length).toBeGreaterThan(900);
  expect(turn.phase).toBe('writing');
});

test('a long text is shown more seldom, but within a second', async () => {
  const turn = new LiveTurn('why?', 0);
  await changes(turn, 100, 'a'.repeat(10_000), 10);
  expect(await changes(turn, 100, 'a', 100)).toBeLessThanOrEqual(11);
});

test('what has come is there at once when the answer ends', () => {
  const turn = new LiveTurn('why?', 0);
  turn.apply({ event: 'text', text: 'because' });
  expect(turn.text).toBe('');
  turn.breakOff('stopped');
  expect([turn.phase, turn.text]).toEqual(['stopped', 'because']);
});
