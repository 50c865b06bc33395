import { mount, unmount } from 'svelte';
import { afterEach, describe, expect, test, vi } from 'vitest';
import Markdown from './Markdown.svelte';

let shown: Record<string, unknown> | null = null;

function show(text: string): HTMLElement {
  const target = document.body.appendChild(document.createElement('div'));
  shown = mount(Markdown, { target, props: { text, truncated: 'too long' } });
  return target;
}

afterEach(() => {
  if (shown) void unmount(shown);
  document.body.replaceChildren();
});

describe('what Markdown is shown as', () => {
  test('its parts', () => {
    const page = show('# One\n\nSome *words* and `code`.\n\n- [x] done\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n> quoted');
    const found = ['h4', 'em', 'code', 'input[type=checkbox]', 'th[scope=col]', 'td.right', 'blockquote'];
    for (const selector of found) expect(page.querySelector(selector), selector).not.toBeNull();
  });

  test('hostile text: its words, never its markup, and nothing that loads or runs', { timeout: 30_000 }, async () => {
    const hostile = [
      '<script>window.hostile = true</script>',
      '<img src="https://hostile.example/a.png" onerror="window.hostile = true">',
      'inline <svg onload=alert(1)> and <b>bold</b> and <!-- hidden -->',
      '![pixel](https://hostile.example/b.png)',
      '![](javascript:alert(1))',
      '[click](javascript:alert(1)) [data](data:text/html;base64,PHNjcmlwdD4=) <javascript:alert(1)>',
      '[reference][r]\n\n[r]: javascript:alert(1)',
      '```html\n<iframe src="https://hostile.example"></iframe>\n```',
      '<iframe src="https://hostile.example"></iframe><style>* { display: none }</style>',
      '| <img src=x onerror=alert(1)> |\n|---|\n| <script>1</script> |',
    ];
    const page = show(hostile.join('\n\n'));
    // What colours code is loaded when there is some.
    await vi.waitFor(() => expect(page.querySelector('.hljs-tag')).not.toBeNull(), { timeout: 20_000 });
    expect(
      page.querySelectorAll('script, img, svg:not([aria-hidden]), iframe, style, link, object, embed, b'),
    ).toHaveLength(0);
    const attributes = [...page.querySelectorAll('*')].flatMap((element) => [...element.attributes]);
    expect(attributes.filter(({ name }) => name.startsWith('on') || name === 'src' || name === 'style')).toEqual([]);
    const links = [...page.querySelectorAll('a')];
    expect(links.map((link) => link.getAttribute('href'))).toEqual(['https://hostile.example/b.png']);
    expect(links.every((link) => link.rel === 'noopener noreferrer')).toBe(true);
    expect(page.textContent).toContain('<script>window.hostile = true</script>');
  });

  test('links that say where they lead', () => {
    const page = show(
      [
        '[https://bank.example/login](https://evil.example/x)',
        '[the bank](https://bank.example/login)',
        '<https://bank.example/login>',
        'www.bank.example/login',
        '[safe \u202emoc.elpmaxe\u202c](https://evil.example/)',
        '[write](mailto:a@evil.example)',
        '![a picture](https://evil.example/a.png)',
      ].join('\n\n'),
    );
    expect([...page.querySelectorAll('a')].map((link) => link.textContent)).toEqual([
      'https://bank.example/login (evil.example)',
      'the bank (bank.example)',
      'https://bank.example/login',
      'www.bank.example/login',
      'safe \ufffdmoc.elpmaxe\ufffd (evil.example)',
      'write (a@evil.example)',
      'a picture (evil.example)',
    ]);
  });

  test('no character that is not seen, nor in code that is copied', () => {
    const page = show('a \u202e b &#8238; `c\u200b`\n\n    d\u202e\n\n```\ne\u2066\n```');
    expect(page.textContent).not.toMatch(/[\u200b\u202e\u2066]/);
    expect([...page.querySelectorAll('code')].map((code) => code.textContent)).toEqual([
      'c\ufffd',
      'd\ufffd',
      'e\ufffd',
    ]);
  });

  test('what is nested too deeply: the words that are in it', () => {
    const list = Array.from({ length: 150 }, (_, level) => `${'  '.repeat(level)}- item`).join('\n');
    for (const text of [
      `${'>'.repeat(300)} innermost`,
      `${list} innermost`,
      `${'*a '.repeat(300)}innermost${' a*'.repeat(300)}`,
    ]) {
      const page = show(text);
      expect(page.textContent).toContain('innermost');
    }
  });

  test('an answer of 5 MB, as plain text and in a moment', () => {
    const text = '**word** '.repeat(600_000);
    const begun = performance.now();
    const page = show(text);
    expect(page.textContent).toContain('too long');
    expect(page.querySelectorAll('strong')).toHaveLength(0);
    expect(performance.now() - begun).toBeLessThan(5_000);
  });
});
