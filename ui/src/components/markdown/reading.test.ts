import { Lexer } from 'marked';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Reading } from './reading';

afterEach(() => vi.restoreAllMocks());

const read = (source: string) => new Reading().read(source).flat();

/** The types of all inline tokens of the first paragraph. */
function inline(source: string): string[] {
  const [first] = read(source);
  return first && 'tokens' in first ? (first.tokens ?? []).map((token) => token.type) : [];
}

describe('what a text is read as', () => {
  test('marks of sources, which are no links', () => {
    expect(inline('So it is [1][23].')).toEqual(['text', 'citation', 'citation', 'text']);
    expect(inline('[1](https://example.org)')).toEqual(['link']);
  });

  test('formulas, which are no prices', () => {
    expect(inline('It is $a^2$ here')).toEqual(['text', 'math', 'text']);
    expect(inline('It is \\(a^2\\) here')).toEqual(['text', 'math', 'text']);
    expect(inline('It is $$a^2$$ here')).toEqual(['text', 'math', 'text']);
    expect(inline('from $5 to $6')).not.toContain('math');
    expect(read('$$\nx\n$$')[0]).toMatchObject({ type: 'math', tex: 'x', display: true });
    expect(inline('So\n  \\[\nx\n\\]\nis')).toEqual(['text', 'math', 'text']);
    expect(read('$$a\n\nb$$').map((token) => token.type)).not.toContain('math');
  });
});

describe('a text that grows', () => {
  const texts = [
    '# One\n\nTwo *three*\nfour\n\n- a\n- b\n\n  more of b\n\n1. c\n\n2. d\n\nEnd [1].\n\n$$\nx\n$$\n\nEnd\n\n',
    'Code:\n\n```python\nprint(1)\n\n\nprint(2)\n```\n\n    indented\n\n    goes on\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> quoted\n\n> again\n\ntext\n===\n\nend\n',
    'See [the page][p] and [q].\n\nMore words.\n\nAnd more.\n\n[p]: https://example.org/p\n[q]: https://example.org/q\n\nThen [p] again.\n\nAnd [q].\n',
    '<div>\n\n<!-- not\n\nclosed\n\nby far --> x\n\n\\[a\n\nb\\]\n\nAnd\r\n\r\nmore\r\n\r\n* x\r\n\r\n* y\r\n\r\nEnd\r\n',
  ];

  test.each(texts)('reads in the end as if it had come whole: %j', (text) => {
    for (const step of [1, 3, 17]) {
      const reading = new Reading();
      for (let end = step; end < text.length; end += step) reading.read(text.slice(0, end), false);
      expect(reading.read(text).flat()).toEqual(read(text));
    }
  });

  test('keeps what has not changed', () => {
    const reading = new Reading();
    const before = reading.read('One\n\nTwo\n\nThree\n\nFour', false).flat();
    const after = reading.read('One\n\nTwo\n\nThree\n\nFour and more', false).flat();
    expect(after.slice(0, 6)).toEqual(before.slice(0, 6));
    for (const index of [0, 2, 4]) expect(after[index]).toBe(before[index]);
    expect(after[6]).not.toBe(before[6]);
  });

  test('keeps what is settled in groups that stay the same', () => {
    const reading = new Reading();
    const text = 'Some words.\n\n'.repeat(500);
    let before = reading.read('', false);
    let redrawn = 0;
    for (let end = 26; end < text.length; end += 26) {
      const groups = reading.read(text.slice(0, end), false);
      redrawn += groups.filter((group, index) => group !== before[index]).reduce((sum, group) => sum + group.length, 0);
      before = groups;
    }
    expect(before.flat()).toHaveLength(read(text.slice(0, -26)).length);
    expect(redrawn).toBeLessThan(1_000 * 50);
  });

  test('is read once, and its end a few times', () => {
    const lex = vi.spyOn(Lexer.prototype, 'lex');
    const text = 'Some words of a paragraph, *with emphasis*, and more.\n\n'.repeat(1_000);
    const reading = new Reading();
    for (let end = 10; end < text.length; end += 10) reading.read(text.slice(0, end), false);
    const characters = lex.mock.calls.reduce((sum, [source]) => sum + source.length, 0);
    expect(characters).toBeLessThan(text.length * 30);
  });

  test('is another text when it does not begin as before', () => {
    const reading = new Reading();
    reading.read('One\n\nTwo\n\nThree\n\nFour', false);
    expect(reading.read('Two\n\nThree').flat()).toEqual(read('Two\n\nThree'));
  });
});

describe('hostile text is read in a moment', () => {
  const hostile: [string, string][] = [
    ['emphasis', '_a'.repeat(30_000)],
    ['emphasis that is opened and closed', '*a_ '.repeat(70_000)],
    ['emphasis of every length', '*a **b '.repeat(40_000)],
    ['emphasis in short paragraphs', `${'_a'.repeat(9_900)}\n\n`.repeat(35)],
    ['what may be the address of a letter', `${'a'.repeat(60_000)}@`],
    ['many of those', `${'a'.repeat(7_900)}@\n\n`.repeat(33)],
    ['formulas on lines', '$$a\n'.repeat(70_000)],
    ['formulas in a line', '$$a'.repeat(90_000)],
    ['formulas in brackets', '\\[a\n\n'.repeat(30_000)],
    ['formulas in brackets on a line', '\\[a'.repeat(90_000)],
    ['formulas in parentheses', '\\(a'.repeat(90_000)],
    ['dollars', '$a '.repeat(90_000)],
    ['brackets', '['.repeat(300_000)],
    ['brackets in paragraphs', `${'['.repeat(7_900)}\n\n`.repeat(33)],
    ['labels', '[a]['.repeat(70_000)],
    ['pictures', '![a'.repeat(90_000)],
    ['addresses', '[a](b'.repeat(60_000)],
    ['code that is not closed', Array.from({ length: 700 }, (_, index) => '`'.repeat(index)).join(' ')],
    ['markup', '<a '.repeat(90_000)],
    ['comments', '<!--'.repeat(70_000)],
    ['references to characters', '&'.repeat(300_000)],
    ['addresses in a row', '[a]: b\n'.repeat(40_000)],
    ['tables', `${'|a'.repeat(1_000)}\n${'|-'.repeat(1_000)}\n`.repeat(70)],
    ['tables that are none', '|a|b|\n|-|\n'.repeat(9_000)],
    ['lines of a list', `- a\n${'b\n'.repeat(149_000)}`],
    ['fewer lines of a list', `- a\n${'b followed by words, and more\n'.repeat(5_900)}`],
    ['lines of a list with tables that are none', `- a\n${'  |a|b|\n  |-|\n'.repeat(9_000)}`],
    ['blocks in a list', `- a\n${'\n  b\n'.repeat(40_000)}`],
    ['short paragraphs', `${'_a'.repeat(490)}\n\n`.repeat(300)],
    ['many short lists', '- *a_\n'.repeat(45_000)],
    ['quotations', '>'.repeat(300_000)],
    ['quotations of many lines', `${'>'.repeat(60)} a\nb\n`.repeat(3_000)],
    ['lists', Array.from({ length: 600 }, (_, index) => `${' '.repeat(index)}- a`).join('\n')],
    ['lists in quotations', '> - '.repeat(70_000)],
    ['lists on a line', '- '.repeat(140_000)],
    ['a line', 'a'.repeat(300_000)],
    ['lines', 'a\n'.repeat(150_000)],
    ['blank lines', '\n'.repeat(300_000)],
    ['indented lines', '    a\n\n'.repeat(40_000)],
    ['backslashes', '\\'.repeat(300_000)],
    ['strokes', '~a~~'.repeat(70_000)],
  ];

  test.each(hostile)('%s', { timeout: 60_000 }, (_, text) => {
    const begun = performance.now();
    const tokens = read(text);
    const took = performance.now() - begun;
    expect(tokens.map((token) => token.raw).join('')).toHaveLength(text.length);
    expect(took).toBeLessThan(2_000);
  });

  test('a link that is nested and a list that is', () => {
    for (const text of ['[a '.repeat(3_000) + '](b)'.repeat(3_000), '*a '.repeat(3_000) + ' a*'.repeat(3_000)])
      expect(() => read(text)).not.toThrow();
  });
});
