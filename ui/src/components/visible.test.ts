import { expect, test } from 'vitest';
import { visible, visibleName } from './visible';

test('what turns text around, or is not seen, is seen', () => {
  expect(visible('safe \u202emoc.elpmaxe\u202c')).toBe('safe \ufffdmoc.elpmaxe\ufffd');
  for (const hidden of ['\u2066', '\u200b', '\u2060', '\ufeff', '\u0000', '\u001b', '\u3164', '\u{e0041}', '\u2028'])
    expect(visible(`a${hidden}b`), `U+${hidden.codePointAt(0)?.toString(16)}`).toBe('a\ufffdb');
  expect(visible('pay\u00adpal\u200e')).toBe('paypal');
});

test('what writing needs stays', () => {
  for (const text of ['two\nlines\tand more', 'نامه‌ای', '👩‍👩‍👧', 'क्‍ष', 'naïve “quotes” €'])
    expect(visible(text)).toBe(text);
  expect(visible('ad\u200dmin')).toBe('ad\ufffdmin');
});

test('names from files stay names', () => {
  expect(visibleName('report\u202efdp.exe')).toBe('report\ufffdfdp.exe');
  expect(visibleName('two\nlines')).toBe('two\ufffdlines');
  for (const name of ['<img src=x onerror=alert(1)>', `"it's" & more`, 'a'.repeat(255)])
    expect(visibleName(name)).toBe(name);
});
