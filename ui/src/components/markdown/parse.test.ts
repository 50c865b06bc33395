import { describe, expect, test } from 'vitest';
import { parse, safeAddress, unescaped } from './parse';

/** The types of all inline tokens of the first paragraph. */
function inline(source: string): string[] {
  const [first] = parse(source);
  return first && 'tokens' in first ? (first.tokens ?? []).map((token) => token.type) : [];
}

describe('parse', () => {
  test('knows marks of sources from links', () => {
    expect(inline('So it is [1][23].')).toEqual(['text', 'citation', 'citation', 'text']);
    expect(inline('[1](https://example.org)')).toEqual(['link']);
  });

  test('knows formulas from prices', () => {
    expect(inline('It is $a^2$ here')).toEqual(['text', 'math', 'text']);
    expect(inline('It is \\(a^2\\) here')).toEqual(['text', 'math', 'text']);
    expect(inline('from $5 to $6')).not.toContain('math');
    expect(parse('$$\nx\n$$')[0]).toMatchObject({ type: 'math', tex: 'x', display: true });
  });

  test('takes over what has not changed', () => {
    const before = parse('One\n\nTwo');
    const after = parse('One\n\nTwo and more', before);
    expect(after[0]).toBe(before[0]);
    expect(after[2]).not.toBe(before[2]);
  });
});

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
