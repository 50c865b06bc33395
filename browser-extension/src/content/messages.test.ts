import { describe, expect, it } from 'vitest';
import { formRequestIn, isFromExtension, pageRequestIn, readRequestIn } from './messages';

describe('requests to a page', () => {
  const origin = 'chrome-extension://abc/';

  it('are taken from the extension’s own pages alone', () => {
    const from = (sender: chrome.runtime.MessageSender): boolean => isFromExtension(sender, 'abc', origin);
    expect(from({ id: 'abc', url: `${origin}panel.html` })).toBe(true);
    expect(from({ id: 'abc', url: 'https://evil.example/panel.html' })).toBe(false);
    expect(from({ id: 'abc' })).toBe(false);
    expect(from({ id: 'another', url: `${origin}panel.html` })).toBe(false);
  });

  it('are known, or not heard', () => {
    expect(readRequestIn({ ambit: 'read' })).toEqual({ ambit: 'read' });
    expect(readRequestIn({ ambit: 'read', isExample: true })).toEqual({ ambit: 'read', isExample: true });
    expect(readRequestIn({ ambit: 'read', isExample: 'yes' })).toEqual({ ambit: 'read' });
    expect(pageRequestIn({ ambit: 'show', passage: 'a', more: 1 })).toEqual({ ambit: 'show', passage: 'a' });
    expect(pageRequestIn({ ambit: 'pdf', most: 5 })).toEqual({ ambit: 'pdf', most: 5 });
    expect(readRequestIn({ ambit: 'link', address: 'a' })).toEqual({ ambit: 'link', address: 'a' });
    const image = { ambit: 'image', address: 'a', isShown: false };
    expect(readRequestIn({ ...image, isShown: 1 })).toEqual(image);
    const entries = [{ id: '1', value: 'Ada' }];
    expect(formRequestIn({ ambit: 'fill', entries })).toEqual({ ambit: 'fill', entries });
    for (const other of [
      null,
      1,
      'read',
      {},
      { ambit: 'show' },
      { ambit: 'erase' },
      { ambit: 'pdf' },
      { ambit: 'link' },
      { ambit: ['read'] },
    ]) {
      expect(pageRequestIn(other)).toBeNull();
      expect(readRequestIn(other)).toBeNull();
      expect(formRequestIn(other)).toBeNull();
    }
    expect(formRequestIn({ ambit: 'fill', entries: [{ id: '1' }] })).toBeNull();
    expect(formRequestIn({ ambit: 'read' })).toBeNull();
    expect(pageRequestIn({ ambit: 'fields' })).toBeNull();
    expect(pageRequestIn({ ambit: 'read' })).toBeNull();
    expect(readRequestIn({ ambit: 'clear' })).toBeNull();
  });
});
