import { existsSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import type { Page } from 'puppeteer-core';
import { Firefox, FIREFOX } from './firefox';
import { ARTICLE, WINTER } from './pages';
import { pdf } from './pdf_file';
import { Site } from './site';

test.skip(!existsSync(FIREFOX), `there is no Firefox at ${FIREFOX}; FIREFOX names one`);

test.describe.configure({ timeout: 300_000 });

let site: Site;
let browser: Firefox;

test.beforeAll(async () => {
  test.setTimeout(180_000);
  const report = pdf('Report of the orchard', ['The keeper of the orchard is called Barnabas.']);
  site = await Site.start({
    '/hives': ARTICLE,
    '/winter': WINTER,
    '/wasps': '<title>The wasps</title><h1>The wasps</h1><p>The wasps live in the roof of the shed.</p>',
    '/report': { body: report, type: 'application/pdf' },
  });
  browser = await Firefox.start('http://127.0.0.1/*');
});

test.afterAll(async () => {
  await browser?.stop();
  await site?.stop();
});

/** Chooses an entry of the menu that is open. It may have to be scrolled to, which the driver's own clicks do not bear here. */
async function choose(panel: Page, name: string): Promise<void> {
  await panel.locator(`::-p-aria(${name}[role="menuitem"])`).wait();
  await panel.$eval(`::-p-aria(${name}[role="menuitem"])`, (entry) => (entry as HTMLElement).click());
}

test('a page is asked about in Firefox, and the citation scrolls to its passage', async () => {
  const page = await browser.open(`${site.address}/hives`);
  const panel = await browser.panel(page);
  await panel.locator('::-p-text(The hives of the orchard)').wait();
  await panel.locator('::-p-aria(Ask about this page[role="button"])').click();
  await panel.locator('::-p-text(The hives of the orchard.md)').wait();
  await panel.locator('#question').fill('What is the queen of the second hive called?');
  await panel.keyboard.press('Enter');
  await panel.locator('::-p-aria(Copy answer[role="button"])').wait();
  const answer = await panel.$eval('article', (article) => article.innerText);
  expect(answer).toContain('Theodora');
  expect(answer).not.toContain('Mallory');
  await panel.locator('button[aria-label^="Source 1: "]').click();
  await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(200);
});

test('what there is on a page is shown beside it in Firefox', async () => {
  await browser.host.write('Notes/hives.md', '# Hives\n\nThe hives of the orchard were painted green by Edmund.\n');
  await browser.host.run('index', 'add', `${browser.host.home}/Notes`, '--wait');
  const page = await browser.open(`${site.address}/winter`);
  const panel = await browser.panel(page);
  await panel.locator('::-p-text(The hives of the orchard in winter)').wait();
  await panel.locator('::-p-aria(What do I have on this?[role="button"])').click();
  await panel.locator('::-p-text(painted green by Edmund)').wait();
  await panel.locator('section[aria-labelledby="related-files"] button').click();
  await panel.locator('aside ::-p-text(painted green by Edmund)').wait();
});

test('own prompts are kept, stand in the menu of Firefox, and are asked', async () => {
  const page = await browser.open(`${site.address}/hives`);
  const panel = await browser.panel(page);
  const inMenu = (id: string): Promise<boolean> =>
    panel.evaluate(
      (id) =>
        chrome.contextMenus.update(`prompt.${id}`, {}).then(
          () => true,
          () => false,
        ),
      id,
    );
  // Until the page is known, the menu has other entries.
  await panel.locator('::-p-text(The hives of the orchard)').wait();
  await panel.locator('::-p-aria(More about this page[role="button"])').click();
  await choose(panel, 'Own prompts…');
  await panel.locator('::-p-aria(New prompt[role="button"])').click();
  await panel.locator('dialog input').fill('Queens');
  await panel.locator('dialog textarea').fill('What is the queen of the second hive called?');
  await panel.locator('::-p-aria(Save[role="button"])').click();
  await panel.locator('li ::-p-text(Queens)').wait();
  const kept = await panel.evaluate(async () => (await chrome.storage.local.get('prompts'))['prompts']);
  const [{ id }] = kept as [{ id: string }];
  await expect.poll(() => inMenu(id)).toBe(true);
  await panel.locator('::-p-aria(More about this page[role="button"])').click();
  await choose(panel, 'Queens');
  await panel.locator('::-p-aria(Copy answer[role="button"])').wait();
  expect(await panel.$eval('article', (article) => article.innerText)).toContain('Theodora');
  await panel.evaluate(() => chrome.storage.local.clear());
  await expect.poll(() => inMenu(id)).toBe(false);
});

test('a PDF in the viewer of Firefox is asked about', async () => {
  const address = `${site.address}/report`;
  const panel = await browser.panel(await browser.openPdf(address), address);
  await panel.locator('::-p-aria(Ask about this page[role="button"])').click();
  await panel.locator('[aria-label="What the question is about"] ::-p-text(.pdf)').wait();
  await panel.locator('#question').fill('What is the keeper of the orchard called?');
  await panel.keyboard.press('Enter');
  await panel.locator('::-p-aria(Copy answer[role="button"])').wait();
  expect(await panel.$eval('article', (article) => article.innerText)).toContain('Barnabas');
});

test('a site is allowed in Firefox, and its tab read along with the page', async () => {
  const page = await browser.open(`${site.address}/hives`);
  await browser.open(`${site.address.replace('127.0.0.1', 'localhost')}/wasps`);
  const panel = await browser.panel(page);
  await panel.locator('::-p-text(The hives of the orchard)').wait();
  await panel.locator('::-p-aria(More about this page[role="button"])').click();
  await choose(panel, 'Compare tabs…');
  await panel.locator('::-p-text(sees neither)').wait();
  await panel.locator('form input[placeholder="example.org"]').fill('localhost');
  await panel.locator('::-p-aria(Allow[role="button"])').click();
  await panel.locator('label ::-p-text(The wasps)').click();
  await panel.locator('::-p-aria(Ask about them[role="button"])').click();
  await panel.locator('::-p-text(The wasps.md)').wait();
  await panel.locator('::-p-text(The hives of the orchard.md)').wait();
});
