import { expect, test } from 'vitest';
import { editorOf, fromText, isFixed, toText } from './value';

test('what is shown of a value is read as the same value', () => {
  for (const value of [0, 8.5, 'slow', '', ['a', 'b c'], []]) {
    expect(fromText(toText(value), editorOf(value))).toEqual(value);
  }
});

test('a number that is none is left for the host to refuse', () => {
  expect(fromText('', 'number')).toBe('');
  expect(fromText('many', 'number')).toBeNaN();
});

test('only what the environment says is fixed', () => {
  expect(isFixed('AMBIT_NETWORK_OFFLINE')).toBe(true);
  for (const origin of ['default', 'preference', '/home/ada/.config/ambit/settings.toml']) {
    expect(isFixed(origin), origin).toBe(false);
  }
});
