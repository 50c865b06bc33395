import { expect, test } from 'vitest';
import { details, isLong } from './details';

test('details are told in words, ids by their beginning', () => {
  const digest = '979a9ab5ea1a0b2522825320d25ea9bebd90d5d3fb58ec3866f8557386af5554';
  const detail = {
    turn: '01a21916-5d00-73d9-b0b8-2a1d6536e637',
    text: digest,
    expires_at: null,
    scopes: ['read', 'chat'],
    bytes: 12,
  };
  expect(details(detail)).toBe('turn: 01a21916…, text: 979a9ab5…, scopes: read chat, bytes: 12');
  expect(details(null)).toBe('');
});

test('an id or a digest says nothing to people, a path and a name do', () => {
  for (const long of [
    '01a21916-5d00-73d9-b0b8-2a1d6536e637',
    '979a9ab5ea1a0b2522825320d25ea9bebd90d5d3fb58ec3866f8557386af5554',
  ]) {
    expect(isLong(long)).toBe(true);
  }
  for (const name of ['/home/ada/Garden', 'network.offline', 'ollama', '17']) expect(isLong(name)).toBe(false);
});
