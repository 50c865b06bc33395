import { expect } from '@playwright/test';
import type { Table } from '../../src/data/table';
import type { Thing } from '../../src/data/thing';
import { test } from './reader';

test('a snapshot tells what the page says of itself', async ({ reader }) => {
  await reader.open('pages/news');
  const { url, contentType, title, language, direction, metadata, isCut } = await reader.snapshot();
  expect({ url, contentType, title, language, direction, isCut }).toEqual({
    url: 'https://pages.test/pages/news.html',
    contentType: 'text/html',
    title: 'Harbour bridge to close for eleven weeks – The Estuary Post',
    language: 'en-GB',
    direction: 'ltr',
    isCut: false,
  });
  expect(metadata).toEqual({
    canonical: 'https://pages.test/2026/harbour-bridge',
    description: null,
    author: 'Miriam Okafor',
    published: '2026-03-04T06:30:00Z',
    siteName: 'The Estuary Post',
    kind: 'article',
  });
});

test('what the head does not say is taken from JSON-LD, whatever else is in it', async ({ reader }) => {
  await reader.open('hostile/names-of-objects');
  const { metadata } = await reader.snapshot();
  expect(metadata).toMatchObject({ author: 'Real Author', kind: 'Article' });
  expect(await reader.page.evaluate(() => ({}) as Record<string, unknown>)).not.toHaveProperty('isCut');
});

test('a page may prefer another address of its site, and not one of another', async ({ reader }) => {
  const addressWith = async (canonical: string): Promise<string> => {
    await reader.show(`<link rel="canonical" href="${canonical}"><p>Words</p>`);
    return (await reader.text()).address;
  };
  expect(await addressWith('/better')).toBe('https://pages.test/better');
  expect(await addressWith('https://bank.test/')).toBe('https://pages.test/written');
});

test('links are told with their texts, absolute, and only those that are seen', async ({ reader }) => {
  await reader.show(
    '<base href="https://pages.test/deep/"><a href="a?x=1"><b>One</b> link</a><a href="a?x=1">One link</a><a href="../b" style="display:none">Two</a>' +
      '<a href="javascript:alert(1)">Three</a><a href="#here">Four</a><a href="mailto:me@pages.test">Five</a><a href="https://[bad">Six</a>',
  );
  expect((await reader.snapshot()).links).toEqual([
    { text: 'One link', address: 'https://pages.test/deep/a?x=1' },
    { text: 'Five', address: 'mailto:me@pages.test' },
  ]);
});

test('what is selected is told with the text around it, without what is hidden', async ({ reader }) => {
  await reader.show(
    `<p>${'Long before. '.repeat(80)}</p><p>Just before, <b id="from">begin here</b>, <i style="display:none">not this</i>and</p><p id="to">end there, and on.</p><p>${'Long after. '.repeat(80)}</p>`,
  );
  await reader.page.evaluate(() => {
    const [from, to] = [document.getElementById('from')!.firstChild!, document.getElementById('to')!.firstChild!];
    getSelection()!.setBaseAndExtent(from, 6, to, 3);
  });
  const { selection } = await reader.snapshot();
  expect(selection?.text).toBe('here, and\nend');
  expect(selection?.before).toMatch(/Long before\.\nJust before, begin$/);
  expect(selection?.after).toMatch(/^there, and on\.\nLong after\./);
  expect([selection!.before.length, selection!.after.length].every((length) => length > 450 && length <= 500)).toBe(
    true,
  );
});

test('what is selected in a frame of the page is told with what stands around it', async ({ reader }) => {
  await reader.show(
    '<p>Before.</p><iframe srcdoc="<p>In the frame: <b>chosen</b> words.</p>"></iframe><p>After.</p><p id=own>Own.</p>',
  );
  const frame = reader.page.frameLocator('iframe').locator('b');
  await reader.page.evaluate(() => getSelection()!.selectAllChildren(document.getElementById('own')!));
  expect((await reader.snapshot()).selection?.text).toBe('Own.');
  await frame.click();
  await frame.selectText();
  expect((await reader.snapshot()).selection).toMatchObject({
    text: 'chosen',
    before: 'Before.\nIn the frame:',
    after: 'words.\nAfter.\nOwn.',
  });
});

test('lines and the parts of a row stand apart in what is selected', async ({ reader }) => {
  await reader.show('<p>Street 1<br>12345 Berlin</p><div style="display:flex"><span>Total</span><span>42</span></div>');
  await reader.page.evaluate(() => getSelection()!.selectAllChildren(document.body));
  expect((await reader.snapshot()).selection?.text).toBe('Street 1\n12345 Berlin\nTotal 42');
});

test('of a selection that is too long that is told', async ({ reader }) => {
  await reader.show(`<p>${'Words and words. '.repeat(7000)}</p>`);
  await reader.page.evaluate(() => getSelection()!.selectAllChildren(document.body));
  expect((await reader.snapshot()).selection?.isCut).toBe(true);
});

test('without a selection none is told', async ({ reader }) => {
  await reader.open('pages/news');
  expect((await reader.snapshot()).selection).toBeNull();
});

test('what is selected in a field is told, but not in one for a secret', async ({ reader }) => {
  await reader.show('<textarea>Dear harbour office</textarea><input type="password" value="secret">');
  await reader.page.locator('textarea').evaluate((field: HTMLTextAreaElement) => {
    field.focus();
    field.setSelectionRange(5, 12);
  });
  expect((await reader.snapshot()).selection).toEqual({ text: 'harbour', before: 'Dear ', after: ' office' });
  await reader.page.locator('input').evaluate((field: HTMLInputElement) => {
    field.focus();
    field.select();
  });
  expect((await reader.snapshot()).selection).toBeNull();
});

test('a thing that a person pointed to gives a table of all like it', async ({ reader }) => {
  await reader.open('pages/shop-list');
  const snapshot = await reader.snapshot(`{ chosen: document.querySelectorAll('.product-card')[2] }`);
  const table = await reader.inPanel<Table>('tableByExample', snapshot, snapshot.chosen);
  expect(table.rows.map((row) => row.map(({ text }) => text))).toContainEqual([
    'Kettle Stove',
    'Kettle Stove',
    '£18.90',
    '3.9 stars',
  ]);
  expect(table.rows).toHaveLength(4);
});

test('a thing that is not seen has no path', async ({ reader }) => {
  await reader.show('<p>Seen</p><p id="x" hidden>Not</p>');
  expect((await reader.snapshot(`{ chosen: document.getElementById('x') }`)).chosen).toBeNull();
});

test('what pages describe for machines is told as things', async ({ reader }) => {
  const names = async (page: string): Promise<string[]> => {
    await reader.open(`pages/${page}`);
    const things = await reader.inPanel<Thing[]>('structuredData', await reader.snapshot());
    return things.flatMap(({ types, properties }) => [...types, ...properties.map(({ name }) => name)]);
  };
  expect(await names('shop-product')).toEqual(['Product', 'name', 'sku', 'brand', 'offers']);
  expect(await names('event')).toEqual(['Event', 'name', 'startDate', 'location', 'description']);
});

test('a page stays as it is while it is read', async ({ reader }) => {
  await reader.open('pages/shop-product');
  const changes = await reader.inContent<number>(`await (async () => {
    let changes = 0;
    const observer = new MutationObserver((records) => { changes += records.length; });
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    await content.takeSnapshot(document, {});
    await new Promise((resume) => setTimeout(resume, 20));
    observer.disconnect();
    return changes;
  })()`);
  expect(changes).toBe(0);
});

test('text that is scrolled away is read, and what is fixed outside of the window is not', async ({ reader }) => {
  await reader.show(
    '<p>Top</p><div style="height:3000px"></div><p>Bottom</p><p style="position:fixed;left:-500px;width:200px">Off canvas</p><p style="position:sticky;top:0">Sticky</p>',
  );
  await reader.page.evaluate(() => window.scrollTo(0, 1500));
  const text = JSON.stringify((await reader.snapshot()).root);
  expect(['Top', 'Bottom', 'Sticky'].filter((word) => text.includes(word))).toEqual(['Top', 'Bottom', 'Sticky']);
  expect(text).not.toContain('Off canvas');
});

test('what is placed in a transformed box is cut off with it', async ({ reader }) => {
  await reader.show(
    '<div style="overflow:hidden;height:0"><div style="transform:translateX(0)"><p style="position:absolute">Inside</p><p style="position:fixed">Fixed</p></div></div><p>Seen</p>',
  );
  const text = JSON.stringify((await reader.snapshot()).root);
  expect(text).toContain('Seen');
  expect(text).not.toMatch(/Inside|Fixed/);
});
