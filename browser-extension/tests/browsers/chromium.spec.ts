import { readFile } from 'node:fs/promises';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { Browser } from './chromium';
import { ARTICLE, DEEP, FORM, TABLE } from './pages';
import { Site } from './site';

let site: Site;
let browser: Browser;

test.beforeAll(async () => {
  site = await Site.start({ '/hives': ARTICLE, '/order': FORM, '/deep': DEEP, '/harvest': TABLE });
  browser = await Browser.start('http://127.0.0.1/*');
});

test.afterAll(async () => {
  await browser.stop();
  await site.stop();
});

test('a page is asked about, and the citation scrolls to its passage', async () => {
  const page = await browser.open(`${site.address}/hives`);
  const panel = await browser.panel(page);
  const about = panel.getByRole('region', { name: 'This page' });
  await expect(about).toContainText('The hives of the orchard');
  await expect(about).toContainText('127.0.0.1');
  await about.getByRole('button', { name: 'Ask about this page' }).click();
  await expect(panel.getByRole('button', { name: 'Attachment: The hives of the orchard.md' })).toBeVisible();
  const { violations } = await new AxeBuilder({ page: panel }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);

  await panel.getByRole('textbox', { name: 'Question' }).fill('What is the queen of the second hive called?');
  await panel.keyboard.press('Enter');
  const turn = panel.getByRole('article').last();
  await expect(turn.getByRole('button', { name: 'Copy answer' })).toBeVisible();
  await expect(turn).toContainText('Theodora');
  await expect(turn).not.toContainText('Mallory');

  expect(await page.evaluate(() => scrollY)).toBe(0);
  await turn
    .getByRole('button', { name: /^Source 1: / })
    .first()
    .click();
  await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(200);
  const marked = await page.evaluate(() =>
    [...CSS.highlights.values()].flatMap((highlight) => [...highlight].map((range) => (range as Range).toString())),
  );
  expect(marked.join(' ')).toContain('Theodora');
  expect(await page.content()).not.toContain('ambit');
});

test('a page of deep elements is read as well', async () => {
  const panel = await browser.panel(await browser.open(`${site.address}/deep`));
  await panel.getByRole('button', { name: 'Ask about this page' }).click();
  await expect(panel.getByRole('button', { name: 'Attachment: Deep.md' })).toBeVisible();
  await panel.getByRole('textbox', { name: 'Question' }).fill('What is the deepest word?');
  await panel.keyboard.press('Enter');
  await expect(panel.getByRole('article').last()).toContainText('zymurgy');
});

test('what is chosen in the menu is done in the panel', async () => {
  const page = await browser.open(`${site.address}/hives`);
  const panel = await browser.panel(page);
  await expect(panel.getByRole('region', { name: 'This page' })).toContainText('The hives');
  await browser.inBackground(async (url) => {
    const tab = (await chrome.tabs.query({})).findLast((one) => one.url === url);
    await chrome.storage.session.set({
      [`wish.${tab?.windowId}`]: {
        kind: 'text',
        tab: tab?.id,
        text: 'Theodora was marked blue in May.',
        question: 'explain',
      },
    });
  }, page.url());
  const turn = panel.getByRole('article').last();
  await expect(turn).toContainText('Explain this.');
  await expect(turn).toContainText('marked blue');
});

test('a page is saved, found from the terminal, and removed again', async () => {
  const page = await browser.open(`${site.address}/hives`);
  const panel = await browser.panel(page);
  const more = panel.getByRole('button', { name: 'More about this page' });
  await more.click();
  await panel.getByRole('menuitem', { name: 'Save this page' }).click();
  await expect(panel.getByText(/^Saved: The hives of the orchard/)).toBeVisible();
  await expect(panel.getByRole('region', { name: 'This page' })).toContainText('Saved on');
  const found = await browser.host.run('ask', 'What is the queen of the second hive called?');
  expect(found).toContain('Theodora');
  expect(found).not.toContain('Mallory');
  expect(await browser.host.run('pages', 'list')).toContain(`${site.address}/hives`);
  await more.click();
  await panel.getByRole('menuitem', { name: 'Remove what is saved of it' }).click();
  await expect(panel.getByRole('region', { name: 'This page' })).not.toContainText('Saved on');
  expect(await browser.host.run('pages', 'list')).not.toContain('/hives');
});

test('a selection is saved by the panel and by the menu, and found from the terminal', async () => {
  const page = await browser.open(`${site.address}/hives`);
  const panel = await browser.panel(page);
  await expect(panel.getByRole('region', { name: 'This page' })).toContainText('The hives');
  const more = panel.getByRole('button', { name: 'More about this page' });
  await more.click();
  await panel.getByRole('menuitem', { name: 'Save the selection' }).click();
  await expect(panel.getByText('Nothing is selected on this page.')).toBeVisible();
  await page.getByText(/was marked blue in May/).selectText();
  await more.click();
  await panel.getByRole('menuitem', { name: 'Save the selection' }).click();
  await expect(panel.getByText('Saved of The hives of the orchard: the selection.')).toBeVisible();
  const kept = async (): Promise<string[]> =>
    (await browser.host.run('pages', 'list')).split('\n').filter((line) => line.includes('(selection)'));
  expect(await kept()).toHaveLength(1);
  expect(await browser.host.run('ask', 'When was the queen of the second hive marked blue?')).toContain('in May');
  // By the menu of the page, of which the browser tells what is selected, and where.
  const wish = (from: string): Promise<void> =>
    browser.inBackground(
      async ([url, from]) => {
        const tab = (await chrome.tabs.query({})).findLast((one) => one.url === url);
        const place = { page: from, frame: 0 };
        const wish = { kind: 'save', tab: tab?.id, text: 'On day 7 the weather was fair', place };
        await chrome.storage.session.set({ [`wish.${tab?.windowId}`]: wish });
      },
      [page.url(), from] as const,
    );
  await page.getByText('On day 7 the weather was fair').first().selectText();
  await wish(page.url());
  await expect.poll(kept).toHaveLength(2);
  await wish(`${site.address}/wasps`);
  await expect(panel.getByText('The tab shows another page by now.')).toBeVisible();
  // What the page has nobody see selected is not kept by the word of the browser.
  await page.evaluate(() => getSelection()!.removeAllRanges());
  await wish(page.url());
  await expect(panel.getByText('Nothing is selected on this page.').last()).toBeVisible();
  expect(await kept()).toHaveLength(2);
  await more.click();
  await panel.getByRole('menuitem', { name: 'Remove what is saved of it' }).click();
  await expect.poll(kept).toEqual([]);
});

test('a table is saved as CSV', async () => {
  const page = await browser.open(`${site.address}/harvest`);
  const panel = await browser.panel(page);
  await panel.getByRole('button', { name: 'More about this page' }).click();
  await panel.getByRole('menuitem', { name: 'Tables, lists and facts…' }).click();
  const table = panel.getByRole('region', { name: 'Honey by hive' });
  await expect(table).toContainText('2 rows');
  const { violations } = await new AxeBuilder({ page: panel }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
  const coming = panel.waitForEvent('download');
  await table.getByRole('button', { name: 'Save as a file: Honey by hive' }).click();
  const download = await coming;
  expect(download.suggestedFilename()).toBe('Honey by hive.csv');
  const text = await readFile(await download.path(), 'utf8');
  expect(text.replace('\uFEFF', '').trim().split('\r\n')).toEqual([
    'Hive,Honey',
    '"First, by the wall",12 kg',
    `"'=HYPERLINK(""https://evil.example"")",9 kg`,
  ]);
});

test('a form is filled in from memories after a look at it, and put back', async () => {
  for (const text of [
    'First name: Ada',
    'Last name: Lovelace',
    'My email address is ada@example.org',
    'Telephone: 030 1',
  ])
    await browser.host.run('memory', 'add', text);
  const page = await browser.open(`${site.address}/order`);
  const panel = await browser.panel(page);
  await panel.getByRole('button', { name: 'More about this page' }).click();
  await panel.getByRole('menuitem', { name: 'Fill in a form…' }).click();
  const preview = panel.getByRole('region', { name: 'Fill in this form' });
  await expect(preview).toContainText('ada@example.org');
  await expect(preview).toContainText('My email address is ada@example.org');
  await expect(preview).not.toContainText('030 1');
  const { violations } = await new AxeBuilder({ page: panel }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
  const values = (): Promise<string[]> =>
    page.evaluate(() => [...document.querySelectorAll('input')].map((input) => input.value));
  expect(await values()).toEqual(['', 'Byron', '', '', '', '']);
  await preview.getByRole('button', { name: /^Fill in/ }).click();
  await expect.poll(values).toEqual(['Ada', 'Byron', 'ada@example.org', '', '', '']);
  await panel.getByRole('textbox', { name: 'Value', exact: true }).fill('10115');
  await panel.getByRole('combobox', { name: 'What it is' }).selectOption('Postcode');
  await preview.getByRole('button', { name: 'Undo all' }).click();
  await expect.poll(values).toEqual(['', 'Byron', '', '', '', '']);
  await panel.getByRole('button', { name: 'Remember' }).click();
  await expect(preview).toContainText('10115');
  expect(await browser.host.run('memory', 'list')).toContain('Postcode: 10115');
  expect(await page.evaluate(() => 'isSent' in window)).toBe(false);
});

test('a host that is killed comes back with the next question', async () => {
  const page = await browser.open(`${site.address}/hives`);
  const panel = await browser.panel(page);
  const question = panel.getByRole('textbox', { name: 'Question' });
  await expect.poll(() => panel.evaluate(() => performance.getEntriesByName('ambit-ready').length)).toBe(1);
  await question.fill('Who services the boiler?');
  await expect(panel.getByRole('button', { name: 'Send' })).toBeEnabled();
  await browser.host.run('stop');
  await panel.keyboard.press('Enter');
  await expect(panel.getByRole('article').last().getByRole('button', { name: 'Copy answer' })).toBeVisible();
});

test('a browser that is started again finds Ambit again', async () => {
  await browser.host.run('index', 'add', browser.host.documents, '--wait');
  await browser.host.run('ask', 'Who services the boiler?');
  await browser.restart();
  const page = await browser.open(`${site.address}/hives`);
  const panel = await browser.panel(page);
  await panel.getByRole('button', { name: 'Open navigation' }).click();
  await expect(panel.getByRole('navigation', { name: 'Chats' })).toContainText('Who services the boiler?');
});
