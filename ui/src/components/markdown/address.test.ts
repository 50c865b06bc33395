import { describe, expect, test } from 'vitest';
import { safeAddress, unescaped } from './address';

describe('safeAddress', () => {
  test('lets through what opens a page or a letter', () => {
    expect(safeAddress('https://example.org/a')).toBe('https://example.org/a');
    expect(safeAddress('mailto:a@example.org')).toBe('mailto:a@example.org');
  });

  test('refuses what could run or read something', () => {
    const bad = [
      'javascript:alert(1)',
      ' JAVASCRIPT:alert(1)',
      'java\nscript:alert(1)',
      'data:text/html,x',
      'file:///etc',
    ];
    for (const address of [...bad, 'vbscript:x', '//example.org', '/v1/sessions', '#token=x', 'ambit://x', '']) {
      expect(safeAddress(address), address).toBeNull();
    }
  });
});

test('character references become characters', () => {
  expect(unescaped('a &amp; b &lt;c&gt; &#228; &#xE4; &unknown; &#0; &#x110000;')).toBe(
    'a & b <c> ä ä &unknown; &#0; &#x110000;',
  );
});
