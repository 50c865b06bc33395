import { expect, test } from 'vitest';
import { keysOf } from './keys';

const HELD = { ctrlKey: false, altKey: false, shiftKey: false, metaKey: false };

test.each([
  ['with two held', { key: ' ', code: 'Space', ctrlKey: true, shiftKey: true }, 'Ctrl+Shift+Space'],
  ['a letter by what it says', { key: 'z', code: 'KeyY', altKey: true }, 'Alt+Z'],
  ['a letter with Shift', { key: 'J', code: 'KeyJ', shiftKey: true, metaKey: true }, 'Shift+Super+J'],
  ['a digit by where it is', { key: '!', code: 'Digit1', ctrlKey: true, shiftKey: true }, 'Ctrl+Shift+1'],
  ['an F key alone', { key: 'F9', code: 'F9' }, 'F9'],
  ['a letter alone', { key: 'a', code: 'KeyA' }, null],
  ['a letter with Shift alone', { key: 'A', code: 'KeyA', shiftKey: true }, null],
  ['only what is held', { key: 'Control', code: 'ControlLeft', ctrlKey: true }, null],
  ['what has no name', { key: 'ä', code: 'Unidentified', ctrlKey: true }, null],
])('%s', (_, press, expected) => {
  expect(keysOf({ ...HELD, ...press })).toBe(expected);
});
