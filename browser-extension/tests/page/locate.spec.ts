import { expect } from '@playwright/test';
import { textFragment } from '../../src/page/fragment';
import { test, type Reader } from './reader';

/** The text of the range in which a quotation is found, and the name of the element that it begins in; null without. */
function found(reader: Reader, quotation: string): Promise<{ text: string; within: string } | null> {
  return reader.inContent(`(() => {
    const range = content.locate(document, ${JSON.stringify(quotation)});
    return range && { text: range.toString(), within: range.startContainer.parentElement.localName };
  })()`);
}

const filler = (words: string): string =>
  Array.from({ length: 60 }, (_, at) => `<p>${words} number ${at}.</p>`).join('');

test('every passage of a page’s Markdown is found where it stands', async ({ reader }) => {
  for (const name of ['news', 'docs', 'shop-product', 'forum', 'components', 'frames', 'japanese', 'arabic', 'poem']) {
    await reader.open(`pages/${name}`);
    const { markdown } = await reader.text();
    // What is filled in is not text of the page.
    const blocks = markdown
      .replace('Size 41 Quantity 1', '')
      .split('\n\n')
      .filter((block) => /\p{L}{2}/u.test(block) && !block.startsWith('\\[Image'));
    for (const block of blocks) {
      const passage = await found(reader, block);
      expect(passage, `${name}: ${block}`).not.toBeNull();
      const letters = (text: string): string => text.replace(/[^\p{L}]/gu, '').toLowerCase();
      // The page's words are in the block; its addresses and marks are not in the page.
      expect(letters(block)).toContain(letters(passage!.text).slice(0, 12));
    }
  }
});

test('a passage is found across elements, whatever white space and marks are between', async ({ reader }) => {
  await reader.show('<p>It <b>rained</b>\n  in <a href="/x">the har</a>bour, and <i>no</i>body\twent\u00a0out.</p>');
  const passage = await found(reader, '> It **rained** in [the har](https://pages.test/x)bour, and nobody went out\\.');
  expect(passage?.text.replace(/\s+/g, ' ')).toBe('It rained in the harbour, and nobody went out');
});

test('a passage is found when the page has changed a little', async ({ reader }) => {
  await reader.show(
    `${filler('Something else')}<p>The ferry now leaves the north quay every fifteen minutes from Monday on.</p>${filler('The ferry')}`,
  );
  const passage = await found(reader, 'The ferry leaves the north quay every twelve minutes from Monday.');
  expect(passage?.text).toContain('leaves the north quay every fifteen minutes');
});

test('a passage that is not there is not found', async ({ reader }) => {
  await reader.show(`${filler('The ferry leaves the quay')}`);
  expect(await found(reader, 'Bread needs flour, water, salt and a great deal of patience.')).toBeNull();
  expect(await found(reader, 'unfindable')).toBeNull();
  expect(await found(reader, '---')).toBeNull();
});

test('of the same words, those that are shown are found', async ({ reader }) => {
  await reader.show('<p style="display:none">The same words.</p><h2>The same words.</h2>');
  expect((await found(reader, 'The same words.'))?.within).toBe('h2');
});

test('a passage is found in a page that hides its properties', async ({ reader }) => {
  await reader.open('hostile/clobbered');
  expect(await found(reader, 'SEEN-in-form that hides its properties')).not.toBeNull();
});

test('a passage is scrolled to the middle and highlighted, and the page’s elements stay as they are', async ({
  reader,
}) => {
  await reader.show(
    `${filler('Before')}<p id="wanted">The lamp was lit at <b>nine</b> that night.</p>${filler('After')}`,
  );
  const outcome = await reader.inContent<{
    middle: number;
    lit: string[];
    isSame: boolean;
    after: number;
    sheets: number[];
  }>(`(() => {
    const before = document.documentElement.outerHTML;
    const sheets = [document.adoptedStyleSheets.length];
    const range = content.locate(document, 'The lamp was lit at **nine** that night.');
    const lit = content.highlight(range);
    const { top, bottom } = document.getElementById('wanted').getBoundingClientRect();
    const ranges = [...CSS.highlights.get(content.HIGHLIGHT)].map(String);
    sheets.push(document.adoptedStyleSheets.length);
    const isSame = document.documentElement.outerHTML === before;
    lit.clear();
    sheets.push(document.adoptedStyleSheets.length);
    return { middle: (top + bottom) / 2 / innerHeight, lit: ranges, isSame, after: CSS.highlights.size, sheets };
  })()`);
  expect(outcome.middle).toBeGreaterThan(0.35);
  expect(outcome.middle).toBeLessThan(0.65);
  expect(outcome).toMatchObject({ lit: ['The lamp was lit at nine that night'], isSame: true, after: 0 });
  expect(outcome.sheets[2]).toBe(outcome.sheets[0]);
});

test('the highlight is painted', async ({ reader }) => {
  await reader.show(
    '<body style="background:#fff"><p style="font:60px monospace;color:#fff"><span>HHHHHHHH</span></p></body>',
  );
  const colours = async (): Promise<number> => {
    const picture = await reader.page.locator('span').screenshot();
    return picture.length;
  };
  const plain = await colours();
  await reader.inContent(`void content.highlight(content.locate(document, 'HHHHHHHH'))`.replace('void', '!'));
  expect(await colours()).not.toBe(plain);
});

test('a passage in a shadow tree is highlighted there', async ({ reader }) => {
  await reader.open('pages/components');
  const ranges = await reader.inContent<string[]>(`(() => {
    const lit = content.highlight(content.locate(document, 'closed by snow'));
    return [...CSS.highlights.get(content.HIGHLIGHT)].map(String);
  })()`);
  expect(ranges).toEqual(['closed by snow']);
});

test('the browser goes to a passage by its address', async ({ reader }) => {
  await reader.page.route('https://pages.test/long', (route) =>
    route.fulfill({
      body: `${filler('Before')}<p id="wanted">The lamp, well-known &amp; old, was lit at nine that night.</p>${filler('After')}`,
      contentType: 'text/html; charset=utf-8',
    }),
  );
  await reader.page.goto(
    textFragment('https://pages.test/long', 'The lamp, well-known & old, was lit at nine that night.'),
  );
  await expect.poll(() => reader.page.evaluate(() => window.scrollY)).toBeGreaterThan(500);
  await expect(reader.page.locator('#wanted')).toBeInViewport();
});
