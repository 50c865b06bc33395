import { expect, it } from 'vitest';
import { leaveWish, takeWish, type Wish, type WishStore } from './wishes';

function store(): WishStore & { items: Map<string, unknown> } {
  const items = new Map<string, unknown>();
  return {
    items,
    get: (key) => Promise.resolve(items.has(key) ? { [key]: items.get(key) } : {}),
    set: (added) => Promise.resolve(void Object.entries(added).forEach(([key, value]) => items.set(key, value))),
    remove: (key) => Promise.resolve(void items.delete(key)),
  };
}

it('a wish is taken once, as it was left, in its own window', async () => {
  const kept = store();
  const wishes: Wish[] = [
    { kind: 'page', tab: 3, question: 'summarise' },
    { kind: 'text', tab: 3, text: 'bees', question: null },
    { kind: 'related', tab: 3, text: 'bees' },
    { kind: 'related', tab: 3, text: null },
    { kind: 'save', tab: 3, text: 'bees' },
    { kind: 'save', tab: 3, text: null },
    {
      kind: 'save',
      tab: 3,
      text: 'bees',
      place: { page: 'https://example.org/', frame: 4, frameAddress: 'https://b/' },
    },
    { kind: 'page', tab: 3, question: { prompt: 'a1' } },
    { kind: 'selection', tab: 3, question: 'explain' },
    { kind: 'link', tab: 3, frame: 2, address: 'https://example.org/', text: 'Bees' },
    { kind: 'image', tab: 3, frame: 0, address: 'https://example.org/bee.png' },
    { kind: 'question', text: 'Who services the boiler?' },
  ];
  for (const wish of wishes) {
    await leaveWish(kept, 7, wish);
    expect(await takeWish(kept, 8)).toBeNull();
    expect(await takeWish(kept, 7)).toEqual(wish);
    expect(await takeWish(kept, 7)).toBeNull();
  }
});

it('a panel that stays with a tab leaves what is about another', async () => {
  const kept = store();
  await leaveWish(kept, 7, { kind: 'page', tab: 3, question: null });
  expect(await takeWish(kept, 7, 4)).toBeNull();
  expect(await takeWish(kept, 7, 3)).toEqual({ kind: 'page', tab: 3, question: null });
});

it('what is no wish is put away', async () => {
  const kept = store();
  for (const other of [
    null,
    1,
    {},
    { kind: 'page' },
    { kind: 'text', tab: 1 },
    { kind: 'image', tab: 1, frame: 0 },
    { kind: 'link', tab: 1, address: 'a', text: '' },
    { kind: 'erase', tab: 1 },
  ]) {
    kept.items.set('wish.7', other);
    expect(await takeWish(kept, 7)).toBeNull();
    expect(kept.items.size).toBe(0);
  }
  kept.items.set('wish.7', { kind: 'related', tab: 1, text: { toString: 1 } });
  expect(await takeWish(kept, 7)).toEqual({ kind: 'related', tab: 1, text: null });
  for (const question of ['__proto__', { prompt: 1 }, {}, 1]) {
    kept.items.set('wish.7', { kind: 'page', tab: 1, question });
    expect(await takeWish(kept, 7)).toEqual({ kind: 'page', tab: 1, question: null });
  }
});
