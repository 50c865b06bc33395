import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { kept } from './kept.svelte';

beforeEach(() => localStorage.clear());
afterEach(() => vi.unstubAllGlobals());

test('what is kept is read again, also by the next page', () => {
  kept.set('a', 'one');
  expect([kept.get('a'), localStorage.getItem('a'), kept.keys()]).toEqual(['one', 'one', ['a']]);
  kept.remove('a');
  expect([kept.get('a'), kept.hasFailed]).toEqual([null, false]);
});

test('where nothing can be kept the page goes on, and says so', async () => {
  localStorage.setItem('b', 'before');
  // As a browser does when its space is used up, or one forbade it to keep anything.
  const refuse = (): never => {
    throw new DOMException('no', 'QuotaExceededError');
  };
  vi.stubGlobal('localStorage', { getItem: refuse, setItem: refuse, removeItem: refuse });
  expect(kept.get('a')).toBeNull();
  kept.set('a', 'one');
  kept.remove('b');
  expect([kept.get('a'), kept.get('b')]).toEqual(['one', null]);
  await Promise.resolve();
  expect(kept.hasFailed).toBe(true);
  vi.unstubAllGlobals();
  kept.set('a', 'two');
  expect([kept.get('a'), localStorage.getItem('a')]).toEqual(['two', 'two']);
});
