import { describe, expect, it } from 'vitest';
import { isFromExtension, requestIn } from './messages';

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
    expect(requestIn({ ambit: 'read' })).toEqual({ ambit: 'read' });
    expect(requestIn({ ambit: 'show', passage: 'a', more: 1 })).toEqual({ ambit: 'show', passage: 'a' });
    for (const other of [null, 1, 'read', {}, { ambit: 'show' }, { ambit: 'erase' }, { ambit: ['read'] }])
      expect(requestIn(other)).toBeNull();
  });
});
