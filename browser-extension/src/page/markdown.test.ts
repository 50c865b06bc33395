import { describe, expect, test } from 'vitest';
import { treeOf } from '../../tests/page/html';
import { markdownOf } from './markdown';

function written(html: string): string {
  return markdownOf(treeOf(html));
}

describe('Markdown of a page', () => {
  test.each([
    [
      'headings',
      '<h1>One</h1><h3>Two <b>three</b></h3><div role="heading" aria-level="2">Four</div>',
      '# One\n\n### Two three\n\n## Four',
    ],
    ['paragraphs and text beside them', 'Bare<p>One</p>and <i>more</i><p>Two</p>', 'Bare\n\nOne\n\nand more\n\nTwo'],
    ['white space', '<p>  a\n b\t<b> c </b> d </p>', 'a b c d'],
    ['line ends', '<p>a<br>b<br><br>c</p>', 'a\\\nb\n\nc'],
    ['nested lists', '<ul><li>a<ol><li>b<li>c</ol><li>d</ul>', '- a\n  1. b\n  2. c\n- d'],
    ['lists right in lists', '<ul><li>a</li><ul><li>b</li></ul></ul>', '- a\n  - b'],
    ['numbers of items', '<ol start="9"><li>a<li value="20">b<li>c</ol>', '9. a\n20. b\n21. c'],
    ['numbers that go down', '<ol reversed><li>a<li>b</ol>', '2. a\n1. b'],
    ['items of several paragraphs', '<ol><li><p>a</p><p>b</p><li>c</ol>', '1. a\n\n   b\n2. c'],
    ['terms', '<dl><dt>a</dt><dd>b</dd><div><dt>c</dt><dd>d</dd></div></dl>', '- **a**\n  - b\n- **c**\n  - d'],
    ['quotations in quotations', '<blockquote>a<blockquote>b</blockquote></blockquote>', '> a\n>\n> > b'],
    ['links', '<p>See <a href="https://a.test/x y">the <b>log</b></a>.</p>', 'See [the log](https://a.test/x%20y).'],
    [
      'links around blocks',
      '<a href="https://a.test/"><div><h3>Title</h3><p>Text</p></div></a>',
      '### [Title](https://a.test/)\n\nText',
    ],
    ['links without text', '<p>a<a href="https://a.test/"></a>b</p>', 'ab'],
    ['pictures', '<p><img alt="A [cat]"><img></p>', '\\[Image: A \\[cat\\]\\]'],
    ['what is struck out', '<p><del>9</del><b>7</b></p>', '~~9~~ 7'],
    [
      'powers and notes',
      '<p>x<sup>2</sup> and 1<sup>st</sup> and end.<sup>[3]</sup></p>',
      'x^2 and 1st and end.\\[3\\]',
    ],
    ['code in a line', '<p>Use <code>a|b`c</code></p>', 'Use ``a|b`c``'],
    ['code with its language', '<pre data-lang="c"><code>int a;\n\n  b;</code></pre>', '```c\nint a;\n\n  b;\n```'],
    [
      'code without its line numbers',
      '<pre><span class="lineno">1</span>a\n<span class="lineno">2</span>b</pre>',
      '```\na\nb\n```',
    ],
    ['rules', '<p>a</p><hr><p>b</p>', 'a\n\n---\n\nb'],
    ['summaries', '<details open><summary>Why?</summary><p>So.</p></details>', '**Why?**\n\nSo.'],
    ['boxes', '<p><input type="checkbox" checked> a <input type="radio"> b</p>', '☑ a ☐ b'],
    ['words over words', '<p><ruby>山<rt>やま</rt></ruby></p>', '山(やま)'],
    ['nothing', '<div><p> </p><ul><li></li></ul></div>', ''],
  ])('has %s', (_, html, markdown) => expect(written(html)).toBe(markdown));
});

describe('tables', () => {
  test('have a head, and cells on one line each', () => {
    expect(written('<table><tr><th>A<th>B<tr><td>1<br>2<td><p>3</p><p>4|5</p></table>')).toBe(
      '| A | B |\n| --- | --- |\n| 1 2 | 3 4\\|5 |',
    );
  });

  test('without a head have an empty one', () => {
    expect(written('<table><tr><td>a<td>b<tr><td>c<td>d</table>')).toBe('|  |  |\n| --- | --- |\n| a | b |\n| c | d |');
  });

  test('have cells that span columns once, and cells that span rows in each', () => {
    expect(written('<table><tr><th>A<th>B<th>C<tr><td rowspan=2>x<td colspan=2>y<tr><td>1<td>2</table>')).toBe(
      '| A | B | C |\n| --- | --- | --- |\n| x | y |  |\n| x | 1 | 2 |',
    );
  });

  test('that only lay out the page are written as what is in them', () => {
    expect(written('<table role="presentation"><tr><td><h2>a</h2><td><p>b</p></table>')).toBe('## a\n\nb');
  });
});

test('what is to be left out is left out with all in it', () => {
  expect(
    markdownOf(treeOf('<p>a <b>b</b></p><nav><p>c</p></nav><ul><li>d<li class="x">e</ul>'), ({ tag, attributes }) => {
      return tag === 'nav' || tag === 'b' || attributes.class === 'x';
    }),
  ).toBe('a\n\n- d');
});
