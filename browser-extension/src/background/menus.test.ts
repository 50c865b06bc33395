import { expect, it } from 'vitest';
import { menuEntries, wishOf, wishOfCommand } from './menus';

const text = (name: string): string => `[${name}]`;

it('own prompts stand below the others, as they were written', () => {
  const own = [
    { id: 'a1', name: 'Arguments & answers', instruction: 'List them.' },
    { id: 'b2', name: 'About %s', instruction: 'Tell me.' },
  ];
  const entries = menuEntries(text, own);
  expect(entries.slice(-3)).toEqual([
    { id: 'own', type: 'separator', contexts: ['page', 'selection'] },
    { id: 'prompt.a1', title: 'Arguments && answers', contexts: ['page', 'selection'] },
    { id: 'prompt.b2', title: 'About %\u2060s', contexts: ['page', 'selection'] },
  ]);
  expect(menuEntries(text, []).some(({ type }) => type === 'separator')).toBe(false);
  const ids = entries.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

it('a click becomes what the panel is to do', () => {
  expect(wishOf({ menuItemId: 'ask' }, 3)).toEqual({ kind: 'page', tab: 3, question: null });
  expect(wishOf({ menuItemId: 'explain', selectionText: ' bees ' }, 3)).toEqual({
    kind: 'text',
    tab: 3,
    text: 'bees',
    question: 'explain',
  });
  expect(wishOf({ menuItemId: 'related' }, 3)).toEqual({ kind: 'related', tab: 3, text: null });
  expect(wishOf({ menuItemId: 'related', selectionText: ' bees ' }, 3)).toEqual({
    kind: 'related',
    tab: 3,
    text: 'bees',
  });
  expect(wishOf({ menuItemId: 'save' }, 3)).toEqual({ kind: 'save', tab: 3, text: null });
  expect(wishOf({ menuItemId: 'save-selection', selectionText: ' bees ' }, 3)).toEqual({
    kind: 'save',
    tab: 3,
    text: 'bees',
  });
  const pageUrl = 'https://example.org/';
  const frameUrl = 'https://bank.example/';
  expect(wishOf({ menuItemId: 'save-selection', selectionText: 'bees', pageUrl, frameId: 4, frameUrl }, 3)).toEqual({
    kind: 'save',
    tab: 3,
    text: 'bees',
    place: { page: pageUrl, frame: 4, frameAddress: frameUrl },
  });
  const address = 'https://example.org/bee.png';
  expect(wishOf({ menuItemId: 'ask-link', linkUrl: address, srcUrl: 'x', frameId: 4, selectionText: 'a' }, 3)).toEqual({
    kind: 'link',
    tab: 3,
    frame: 4,
    address,
    text: '',
  });
  expect(wishOf({ menuItemId: 'ask-image', linkUrl: 'x', srcUrl: address }, 3)).toEqual({
    kind: 'image',
    tab: 3,
    frame: 0,
    address,
  });
  const long = wishOf({ menuItemId: 'ask-image', srcUrl: `data:image/png;base64,${'A'.repeat(1e6)}` }, 3);
  expect(JSON.stringify(long).length).toBeLessThan(5000);
  expect(wishOf({ menuItemId: 'prompt.a1', selectionText: ' ' }, 3)).toEqual({
    kind: 'page',
    tab: 3,
    question: { prompt: 'a1' },
  });
});

it('keys become what the panel is to do', () => {
  expect(wishOfCommand('ask', 3)).toEqual({ kind: 'page', tab: 3, question: null });
  expect(wishOfCommand('summarise', 3)).toEqual({ kind: 'page', tab: 3, question: 'summarise' });
  expect(wishOfCommand('ask-selection', 3)).toEqual({ kind: 'selection', tab: 3, question: null });
});
