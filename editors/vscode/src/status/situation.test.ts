import { expect, test } from 'vitest';
import { isTrouble, situation, type Facts, type Situation } from './situation';

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

test('only what keeps Ambit from working is trouble', () => {
  const all = [...new Set(CASES.map(([, expected]) => expected))];
  expect(all.filter(isTrouble).sort()).toEqual(['failed', 'missing', 'no-host']);
});
