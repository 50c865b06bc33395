import { describe, expect, test } from 'vitest';
import { address, parseRoute } from './router.svelte';

describe('parseRoute', () => {
  test('reads what address writes', () => {
    expect(parseRoute(address('chat', 'a/b c'))).toEqual({ view: 'chat', id: 'a/b c' });
    expect(parseRoute(address('memory', 'urn:a#b'))).toEqual({ view: 'memory', id: 'urn:a#b' });
    expect(parseRoute('#/index/x')).toEqual({ view: 'index', id: null });
    expect(parseRoute(address('settings'))).toEqual({ view: 'settings', id: null });
  });

  test('takes everything else for a new chat', () => {
    for (const odd of ['', '#', '#/', '#/nowhere', '#token=1', '#/__proto__']) {
      expect(parseRoute(odd)).toEqual({ view: 'chat', id: null });
    }
    expect(parseRoute('#/chat/%E0%A4%A')).toEqual({ view: 'chat', id: null });
  });
});
