import { expect, test } from 'vitest';
import type { SettingKind } from '../../backend/types';
import { editorOf, fromText, isFixed, toText } from './value';

test('what is shown of a value is read as the same value', () => {
  const values: [SettingKind, unknown][] = [
    ['integer', 0],
    ['integer', 8],
    ['choice', 'slow'],
    ['text', ''],
    ['address', 'https://hub.example'],
    ['list', ['a', 'b c']],
    ['list', []],
  ];
  for (const [kind, value] of values) expect(fromText(toText(value), editorOf(kind))).toEqual(value);
});

test('a number that is none is left for the host to refuse', () => {
  expect(fromText('', 'number')).toBe('');
  expect(fromText('many', 'number')).toBeNaN();
});

test('what a later host knows is edited as a text', () => {
  expect(editorOf('colour' as SettingKind)).toBe('text');
});

test('only what the environment says is fixed', () => {
  expect(isFixed('AMBIT_NETWORK_OFFLINE')).toBe(true);
  for (const origin of ['default', 'preference', '/home/ada/.config/ambit/settings.toml']) {
    expect(isFixed(origin), origin).toBe(false);
  }
});
