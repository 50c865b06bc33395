import { existsSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import type { Page } from 'puppeteer-core';
import { ask, Firefox, FIREFOX, press, textsOf } from './firefox';
import { ARTICLE } from './pages';
import { Site } from './site';

test.skip(!existsSync(FIREFOX), `there is no Firefox at ${FIREFOX}; FIREFOX names one`);

test.describe.configure({ timeout: 300_000 });

const QUEEN = 'What is the queen of the second hive called?';

let site: Site;
let browser: Firefox;

test.beforeAll(async () => {
  test.setTimeout(180_000);
  site = await Site.start({ '/hives': ARTICLE });
  // As in Firefox from Flatpak or Snap, which can start no program of the system. It may not speak with this machine yet.
  browser = await Firefox.start('http://localhost/*', false);
});

test.afterAll(async () => {
  await browser?.stop();
  await site?.stop();
});

async function panelOfHives(): Promise<Page> {
  return browser.panel(await browser.open(`${site.address.replace('127.0.0.1', 'localhost')}/hives`));
}

async function pair(panel: Page, link: string): Promise<void> {
  await panel.locator('form input').fill(link);
  await press(panel, 'Pair');
}

test('Firefox that can start no program is paired by a link, until one takes that back', async () => {
  const panel = await panelOfHives();
  await panel.locator('::-p-text(Install Ambit, run)').wait();
  await press(panel, 'Pair…');
  await pair(panel, 'https://evil.example/#code=1');
  await panel.locator('::-p-text(This is no link of)').wait();

  const link = (await browser.host.run('browser', 'pair')).trim();
  await pair(panel, link);
  await panel.waitForSelector('::-p-text(Install Ambit, run)', { hidden: true });
  await press(panel, 'Ask about this page');
  await panel.locator('::-p-text(The hives of the orchard.md)').wait();
  await ask(panel, QUEEN);
  await panel.locator('::-p-aria(Copy answer[role="button"])').wait();
  expect(await textsOf(panel, 'article')).toEqual([expect.stringContaining('Theodora')]);

  // The link has been used; Firefox stays paired, also after it was started again.
  await browser.restart();
  const again = await panelOfHives();
  await press(again, 'Open navigation');
  await again.locator('nav ::-p-text(What is the queen)').wait();

  const { tokens } = JSON.parse(await browser.host.run('--json', 'token', 'list')) as { tokens: Token[] };
  const paired = tokens.find(({ name }) => name === 'extension of a browser');
  expect(paired?.scopes).toEqual(['read', 'chat', 'save']);
  await browser.host.run('token', 'revoke', paired?.id ?? '');
  const refused = await panelOfHives();
  await press(refused, 'Forget the pairing');
  await refused.locator('::-p-text(Install Ambit, run)').wait();
  await press(refused, 'Pair…');
  await pair(refused, link);
  await refused.locator('::-p-text(This code is not valid)').wait();
});

interface Token {
  id: string;
  name: string;
  scopes: string[];
}
