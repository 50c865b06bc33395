import { existsSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { Firefox, FIREFOX } from './firefox';
import { ARTICLE } from './pages';
import { Site } from './site';

test.skip(!existsSync(FIREFOX), `there is no Firefox at ${FIREFOX}; FIREFOX names one`);

let site: Site;
let browser: Firefox;

test.beforeAll(async () => {
  test.setTimeout(180_000);
  site = await Site.start({ '/hives': ARTICLE });
  browser = await Firefox.start('http://127.0.0.1/*');
});

test.afterAll(async () => {
  await browser?.stop();
  await site?.stop();
});

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
