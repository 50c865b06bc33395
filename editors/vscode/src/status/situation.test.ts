import { expect, test } from 'vitest';
import { isTrouble, situation, warningOf, type Facts, type Situation } from './situation';

const READY: Facts = {
  server: 'running',
  said: { kind: 'Normal' },
  isIndexing: false,
  availability: 'on',
  enabled: true,
  subtle: false,
};

const CASES: [Partial<Facts>, Situation][] = [
  [{}, 'ready'],
  [{ said: null }, 'ready'],
  [{ subtle: true }, 'subtle'],
  [{ isIndexing: true, subtle: true }, 'indexing'],
  [{ said: { kind: 'Normal', busy: true } }, 'starting'],
  [{ availability: 'language' }, 'off-language'],
  [{ availability: 'file' }, 'off-file'],
  [{ availability: null, enabled: false }, 'off'],
  // Where nothing is told to the host, it does not matter that there is none.
  [{ availability: 'off', enabled: false, said: { kind: 'Error' } }, 'off'],
  [{ availability: 'language', said: { kind: 'Error' } }, 'no-host'],
  [{ said: { kind: 'Warning', message: 'it is gone' }, isIndexing: true, subtle: true }, 'no-model'],
  // Where nothing is suggested, no model is missed.
  [{ availability: 'file', said: { kind: 'Warning' } }, 'off-file'],
  [{ server: 'stopped', said: { kind: 'Warning' } }, 'starting'],
  [{ server: 'waiting', said: { kind: 'Error' } }, 'starting'],
  [{ server: 'stopped' }, 'starting'],
  [{ server: 'missing', enabled: false }, 'missing'],
  [{ server: 'failed' }, 'failed'],
];

for (const [facts, expected] of CASES) {
  test(`${JSON.stringify(facts)} is told as ${expected}`, () => {
    expect(situation({ ...READY, ...facts })).toBe(expected);
  });
}

test('only what keeps Ambit, or its model, from working is trouble', () => {
  const all = [...new Set(CASES.map(([, expected]) => expected))];
  expect(all.filter(isTrouble).sort()).toEqual(['failed', 'missing', 'no-host', 'no-model']);
});

test('of a warning one can read why, and of nothing else', () => {
  expect(warningOf({ kind: 'Warning', message: 'it is gone' })).toBe('it is gone');
  expect(warningOf({ kind: 'Warning' })).toBe('');
  expect(warningOf({ kind: 'Error', message: 'nobody answers' })).toBeNull();
  expect(warningOf(null)).toBeNull();
});
