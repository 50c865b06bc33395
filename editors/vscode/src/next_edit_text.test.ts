import { expect, test } from 'vitest';
import { hintOf, isInsertion } from './next_edit_text';

test('a line says what a word becomes, and why whole lines are to come', () => {
  expect(hintOf({ text: 'total', reason: '`count` was changed like this' })).toBe('total');
  const lines = { text: '\n\ndef test_rim():\n    pass', reason: '`rim` has no test, as `area` has' };
  expect(isInsertion(lines)).toBe(true);
  expect(hintOf(lines)).toBe('`rim` has no test, as `area` has');
});

test('what is long is cut', () => {
  expect(hintOf({ text: `${'x'.repeat(60)} and more`, reason: '' })).toBe(`${'x'.repeat(60)}…`);
});
