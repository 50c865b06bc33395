import { expect, test, type Page } from '@playwright/test';
import { MODEL, ObedientModel } from '../hostile/obedient_model';
import { LAST_WORDS } from '../hostile/page';
import { SITE, WatchedWeb } from '../hostile/watched_web';
import { Browser } from './chromium';
import { installOdd, type Oddity } from './odd_program';
import { ARTICLE, FORM } from './pages';

/** A site that looks like one for money. */
const BANK = SITE.replace('//', '//bank.');
const QUEEN = 'What is the queen of the second hive called?';

let web: WatchedWeb;
let model: ObedientModel;
let browser: Browser;

test.beforeAll(async () => {
  [web, model] = await Promise.all([WatchedWeb.start(), ObedientModel.start()]);
  web.publish('/hives', ARTICLE);
  web.publish('/order', FORM);
  web.publish('/elsewhere', '<!doctype html><title>Elsewhere</title><p>Nothing of bees.</p>');
  web.publish(`${BANK}/account`, '<!doctype html><title>Account</title><p>The balance is 12.50.</p>');
  browser = await Browser.start(`${SITE.replace('//', '//*.')}/*`, { proxy: web.proxy });
});

test.afterAll(async () => {
  await browser?.stop();
  model?.stop();
  await web?.stop();
});

/** Has the next question be about the page of the hives, and asks it. */
async function ask(panel: Page, question: string): Promise<void> {
  await panel.getByRole('button', { name: 'Ask about this page' }).click();
  await expect(panel.getByRole('button', { name: /^Attachment: The hives/ })).toBeVisible();
  await panel.getByRole('textbox', { name: 'Question' }).fill(question);
  await panel.keyboard.press('Enter');
}

test.describe('with a model', () => {
  test.beforeAll(async () => {
    await browser.host.start();
    await browser.host.run(...model.arguments);
    await browser.host.run('settings', 'set', 'models.language', MODEL);
  });

  test.afterAll(async () => {
    await browser.host.run('settings', 'unset', 'models.language');
  });

  test('a host that is killed in mid-stream: that is told, what came stays, and it comes back with the next question', async () => {
    const panel = await browser.panel(await browser.open(`${SITE}/hives`));
    let go = (): void => undefined;
    model.held = new Promise((resolve) => (go = resolve));
    await ask(panel, QUEEN);
    const turn = panel.getByRole('article').last();
    await expect(turn).toContainText('As the page says');
    await browser.host.stop('SIGKILL');
    await expect(turn).toContainText('No answer');
    await expect(turn).toContainText('As the page says');
    go();
    await panel.getByRole('textbox', { name: 'Question' }).fill('And now?');
    await expect(panel.getByRole('button', { name: 'Send' })).toBeEnabled();
    await panel.keyboard.press('Enter');
    await expect(panel.getByRole('article')).toHaveCount(2);
    await expect(panel.getByRole('article').last()).toContainText(LAST_WORDS);
    await expect(panel.getByText('The answer is complete.')).toBeAttached();
  });

  test('a page that goes away during an answer: it goes on, and its citation opens the page again', async () => {
    const page = await browser.open(`${SITE}/hives`);
    const panel = await browser.panel(page);
    let go = (): void => undefined;
    model.held = new Promise((resolve) => (go = resolve));
    await ask(panel, QUEEN);
    const turn = panel.getByRole('article').last();
    await expect(turn).toContainText('As the page says');
    await page.goto(`${SITE}/elsewhere`);
    await expect(panel.getByRole('region', { name: 'This page' })).toContainText('Elsewhere');
    go();
    await expect(turn).toContainText(LAST_WORDS);
    const opened = page.context().waitForEvent('page');
    await turn
      .getByRole('button', { name: /^Source 1: / })
      .first()
      .click();
    const again = await opened;
    await expect(again).toHaveTitle('The hives of the orchard');
    expect(await again.evaluate(() => location.href)).toBe(`${SITE}/hives`);
    // What stands in the tab by now was not touched.
    await expect(page).toHaveTitle('Elsewhere');
  });
});

test('a permission that is taken back: nothing more is read or filled in, that is told, and what was read stays', async () => {
  await browser.host.run('memory', 'add', 'First name: Ada');
  const page = await browser.open(`${SITE}/order`);
  const panel = await browser.panel(page);
  await panel.getByRole('button', { name: 'Ask about this page' }).click();
  await expect(panel.getByRole('button', { name: /^Attachment: / })).toBeVisible();
  await panel.getByRole('button', { name: 'More about this page' }).click();
  await panel.getByRole('menuitem', { name: 'Fill in a form…' }).click();
  await expect(panel.getByRole('region', { name: 'Fill in this form' })).toContainText('Ada');
  try {
    await browser.allow('ON_CLICK');
    await expect(panel.getByText('Press the toolbar button of Ambit once')).toBeVisible();
    await expect(panel.getByRole('region', { name: 'Fill in this form' })).toHaveCount(0);
    await expect(panel.getByRole('button', { name: 'Ask about this page' })).toHaveCount(0);
    await expect(panel.getByRole('button', { name: 'Attachment: Order.md' })).toBeVisible();
    expect(await page.locator('[name=first]').inputValue()).toBe('');
  } finally {
    await browser.allow('ON_ALL_SITES');
  }
  await expect(panel.getByRole('button', { name: 'Ask about this page' })).toBeVisible();
});

test('a storage that is full: a choice that cannot be kept is told, and holds once there is room', async () => {
  const page = await browser.open(`${BANK}/account`);
  const panel = await browser.panel(page);
  const turnOn = panel.getByRole('button', { name: 'Read this page' });
  await expect(turnOn).toBeVisible();
  await browser.inBackground(async () => {
    await chrome.storage.local.set({ kept: 'as it is' });
    const used = await chrome.storage.local.getBytesInUse();
    const name = 'filler';
    await chrome.storage.local.set({ [name]: 'x'.repeat(chrome.storage.local.QUOTA_BYTES - used - name.length - 8) });
  }, null);
  await turnOn.click();
  await expect(panel.getByText('is full, so your choice was not kept')).toBeVisible();
  await expect(turnOn).toBeVisible();
  const kept = await browser.inBackground(async () => {
    await chrome.storage.local.remove('filler');
    return chrome.storage.local.get();
  }, null);
  expect(kept).toEqual({ kept: 'as it is' });
  await turnOn.click();
  await expect(panel.getByRole('button', { name: 'Ask about this page' })).toBeVisible();
});

test('a browser that is started again: the chat is as it was, with what its citation stands for', async () => {
  const first = await browser.panel(await browser.open(`${SITE}/hives`));
  await ask(first, QUEEN);
  await expect(first.getByRole('article').last()).toContainText('Theodora');
  await expect(first.getByText('The answer is complete.')).toBeAttached();
  const chat = await first.evaluate(() => location.hash);
  await browser.inBackground((site) => chrome.storage.local.set({ 'turned-on': [site] }), new URL(BANK).hostname);
  await browser.restart();
  const panel = await browser.panel(await browser.open(`${BANK}/account`));
  // What a person turned on before is turned on yet.
  await expect(panel.getByRole('button', { name: 'Ask about this page' })).toBeVisible();
  await panel.evaluate((to) => (location.hash = to), chat);
  const turn = panel.getByRole('article').last();
  await expect(turn).toContainText('Theodora');
  await turn
    .getByRole('button', { name: /^Source 1: / })
    .first()
    .click();
  // Which tab it was read in nobody knows any more, so the panel shows what was read.
  await expect(panel.getByRole('complementary', { name: 'Source' })).toContainText('Theodora');
});

test('two profiles ask the same host at once, also when neither has found it running', async () => {
  const other = await Browser.start(`${SITE}/*`, { proxy: web.proxy, host: browser.host });
  try {
    await browser.host.run('stop');
    const panels = await Promise.all([browser, other].map(async (one) => one.panel(await one.open(`${SITE}/hives`))));
    await Promise.all(panels.map((panel) => ask(panel, QUEEN)));
    for (const panel of panels) await expect(panel.getByRole('article').last()).toContainText('Theodora');
  } finally {
    await other.stop();
  }
});

test('a program that is missing, old, mute or broken is told with what to do, and the right one is found without a restart', async () => {
  const other = await Browser.start(`${SITE}/*`, { proxy: web.proxy, host: browser.host, isInstalled: false });
  try {
    const page = await other.open(`${SITE}/hives`);
    const told = async (words: string): Promise<void> => {
      const panel = await other.panel(page);
      await expect(panel.getByRole('alert')).toContainText(words);
      await panel.close();
    };
    await told('The browser finds no Ambit on this machine. Install Ambit, run `ambit browser install`');
    const oddities: [oddity: Oddity, words: string][] = [
      ['is old', 'Ambit 0.0.1 on this machine speaks another version than this extension: update both.'],
      ['ends at once', 'Ambit does not answer. `ambit browser status` tells what is wrong.'],
      ['says what is no message', 'Ambit does not answer'],
      // That takes as long as a program may be silent.
      ['says nothing', 'Ambit does not answer. `ambit browser status` tells what is wrong.'],
    ];
    for (const [oddity, words] of oddities) {
      await installOdd(other.profile, oddity);
      await test.step(oddity, () => told(words));
    }
    const panel = await other.panel(page);
    await other.install();
    await expect.poll(() => panel.evaluate(() => performance.getEntriesByName('ambit-ready').length)).toBe(1);
    await expect(panel.getByRole('alert')).toHaveCount(0);
  } finally {
    await other.stop();
  }
});
