import { expect, it } from 'vitest';
import { chooseFacts, keepsFacts, type FactsStore } from './facts_choice';

it('nobody is taken to have chosen before they did', async () => {
  const items: Record<string, unknown> = {};
  const store: FactsStore = {
    get: (key) => Promise.resolve(key in items ? { [key]: items[key] } : {}),
    set: (added) => Promise.resolve(void Object.assign(items, added)),
  };
  expect(await keepsFacts(store)).toBeNull();
  for (const keep of [true, false]) {
    await chooseFacts(store, keep);
    expect(await keepsFacts(store)).toBe(keep);
  }
  items['keep-facts'] = 'yes';
  expect(await keepsFacts(store)).toBeNull();
});
