import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { Browser } from './chromium';
import { ARTICLE } from './pages';
import { Site } from './site';

let site: Site;
let browser: Browser;

test.beforeAll(async () => {
  site = await Site.start({ '/hives': ARTICLE });
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

test('what is chosen in the menu is done in the panel', async () => {
  const page = await browser.open(`${site.address}/hives`);
  const panel = await browser.panel(page);
  await expect(panel.getByRole('region', { name: 'This page' })).toContainText('The hives');
  await browser.inBackground(async (url) => {
    const tab = (await chrome.tabs.query({})).findLast((one) => one.url === url);
    await chrome.storage.session.set({
      wish: { kind: 'text', tab: tab?.id, text: 'Theodora was marked blue in May.', question: 'explain' },
    });
  }, page.url());
  const turn = panel.getByRole('article').last();
  await expect(turn).toContainText('Explain this.');
  await expect(turn).toContainText('marked blue');
});

test('a host that is killed comes back with the next question', async () => {
  const page = await browser.open(`${site.address}/hives`);
  const panel = await browser.panel(page);
  const question = panel.getByRole('textbox', { name: 'Question' });
  await question.fill('Who services the boiler?');
  await browser.host.run('stop');
  await panel.keyboard.press('Enter');
  await expect(panel.getByRole('article').last().getByRole('button', { name: 'Copy answer' })).toBeVisible();
});

test('a browser that is started again finds Ambit again', async () => {
  await browser.restart();
  const page = await browser.open(`${site.address}/hives`);
  const panel = await browser.panel(page);
  await panel.getByRole('button', { name: 'Open navigation' }).click();
  await expect(panel.getByRole('navigation', { name: 'Chats' })).toContainText('queen of the second hive');
});
