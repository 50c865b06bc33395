import { marked, type Token } from 'marked';
import { describe, expect, test } from 'vitest';
import { codeBlock, codeSpan, destination, escaped, escapedLine } from './escape';
import { markdownOf } from './markdown';
import type { PageElement } from './types';

/** The kinds of tokens that a renderer finds in Markdown, at all depths. */
function kindsIn(tokens: Token[]): Set<string> {
  const kinds = new Set<string>();
  marked.walkTokens(tokens, (token) => void kinds.add(token.type));
  return kinds;
}

/** The text of a rendered page. */
function shown(html: string): string {
  return new DOMParser().parseFromString(html, 'text/html').body.textContent.trim();
}

const LOOKALIKES = [
  '# A heading',
  '#',
  '## Heading ##',
  '> quoted',
  '- item',
  '+ item',
  '* item',
  '1. one',
  '12) twelve',
  '---',
  '***',
  '___',
  '===',
  '- - -',
  '```js',
  '~~~',
  '**bold** and *thin* and __bold__ and _thin_',
  'snake_case_name and 2 * 3 * 4',
  '`code` and ``more``',
  '[text](https://evil.test)',
  '![pixel](https://evil.test/x.png)',
  '[ref]: https://evil.test "t"',
  '[^1]: note',
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<https://evil.test>',
  'https://evil.test/path and www.evil.test and me@evil.test',
  'ftp://evil.test',
  '&lt;b&gt; &amp; &#42;',
  '| a | b |',
  'a | b',
  '~~gone~~ ~gone~',
  'back\\slash \\* and \\',
  '$x^2$ and $$y$$',
  '- [x] done',
  ': definition',
];

describe('text that looks like Markdown', () => {
  test.each(LOOKALIKES)('%s comes out as text', (text) => {
    const markdown = escapedLine(escaped(text));
    expect(
      [...kindsIn(marked.lexer(markdown))].filter((kind) => !['paragraph', 'text', 'escape'].includes(kind)),
    ).toEqual([]);
    expect(shown(marked.parse(markdown, { async: false }))).toBe(text);
  });

  test('lines one below the other make no table, title or list', () => {
    const lines = ['a | b', '--- | ---', 'title', '===', '1. one', '- two', '    code', '```'];
    const children = lines.flatMap((line) => [line, { tag: 'br', attributes: {}, children: [] }]);
    const page: PageElement = {
      tag: 'body',
      attributes: {},
      children: [{ tag: 'p', attributes: {}, children, isBlock: true }],
    };
    const kinds = kindsIn(marked.lexer(markdownOf(page)));
    expect([...kinds].sort()).toEqual(['br', 'escape', 'paragraph', 'text']);
  });

  test('names that are written with lines below stay readable', () => {
    expect(escaped('snake_case 5 < 6')).toBe('snake_case 5 \\< 6');
  });
});

describe('code', () => {
  test('has a fence that it cannot end', () => {
    const code = 'before\n```\n# not a heading\n````\nafter';
    const [token, ...rest] = marked.lexer(codeBlock(code, 'md'));
    expect(token).toMatchObject({ type: 'code', lang: 'md', text: code });
    expect(rest).toEqual([]);
  });

  test('has no language but a plain name', () => expect(codeBlock('x', 'js\n# heading')).toBe('```\nx\n```'));

  test.each(['`', 'a``b', '`a', 'plain', '<b>'])('%s stands within a line', (code) => {
    expect(shown(marked.parse(codeSpan(code), { async: false }))).toBe(code);
  });
});

test('an address cannot end its link', () => {
  const address = 'https://a.test/x(1) "t" <b>|`\\';
  const [paragraph] = marked.lexer(`[text](${destination(address)})`);
  expect(paragraph).toMatchObject({ tokens: [{ type: 'link', text: 'text' }] });
});
