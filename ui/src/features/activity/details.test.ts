import { expect, test } from 'vitest';
import { askedIn, details, isLong } from './details';

test('details are told in words, ids by their beginning', () => {
  const digest = '979a9ab5ea1a0b2522825320d25ea9bebd90d5d3fb58ec3866f8557386af5554';
  const detail = {
    turn: '01a21916-5d00-73d9-b0b8-2a1d6536e637',
    text: digest,
    expires_at: null,
    scopes: ['read', 'chat'],
    bytes: 12,
  };
  expect(details(detail, String)).toBe('turn: 01a21916…, text: 979a9ab5…, scopes: read chat, bytes: 12');
  expect(details(null, String)).toBe('');
});

test('a chat is not told by its id, and a time is one that people read', () => {
  const detail = { session: '01a21916-5d00-73d9-b0b8-2a1d6536e637', turn: 't', model: 'm', expires_at: 1796360208235 };
  expect(details(detail, () => 'tomorrow')).toBe('model: m, expires at: tomorrow');
  expect(askedIn(detail)).toEqual({ session: detail.session, turn: 't' });
  expect(askedIn({ session: 's' })).toBeNull();
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
