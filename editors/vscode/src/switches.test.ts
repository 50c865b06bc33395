import { expect, test } from 'vitest';
import { availability, globsFor, patternOf, toggled } from './switches';

const SWITCHES = { enabled: true, disabledLanguages: ['markdown'], disabledFiles: ['*.csv'], subtle: false };

test('a file has suggestions unless something switches them off', () => {
  const never = (): boolean => false;
  expect(availability(SWITCHES, 'rust', never)).toBe('on');
  expect(availability(SWITCHES, 'markdown', never)).toBe('language');
  expect(availability(SWITCHES, 'rust', (glob) => glob === '*.csv')).toBe('file');
  expect(availability({ ...SWITCHES, enabled: false }, 'markdown', () => true)).toBe('off');
});

test('a language is switched off and on again', () => {
  const off = toggled(['markdown'], 'rust');
  expect(off).toEqual(['markdown', 'rust']);
  expect(toggled(off, 'rust')).toEqual(['markdown']);
});

test('a file is offered to be left out alone, with its folder, and with its kind', () => {
  expect(globsFor('data/raw/a.csv')).toEqual(['**/data/raw/a.csv', '**/data/raw/**', '*.csv']);
  expect(globsFor('a.csv')).toEqual(['**/a.csv', '*.csv']);
  expect(globsFor('/srv/Makefile')).toEqual(['**/srv/Makefile', '**/srv/**']);
  expect(globsFor('.env')).toEqual(['**/.env']);
  expect(globsFor('routes/[id].ts')[0]).toBe('**/routes/[[]id[]].ts');
});

test('a glob without a slash is about names in every folder', () => {
  expect([patternOf('*.csv'), patternOf('**/data/**')]).toEqual(['**/*.csv', '**/data/**']);
});
