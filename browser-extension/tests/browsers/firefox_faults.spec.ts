import { existsSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { MODEL, ObedientModel } from '../hostile/obedient_model';
import { LAST_WORDS } from '../hostile/page';
import { ask, choose, Firefox, FIREFOX, inMenu, PATIENCE, press, textsOf } from './firefox';
import { ARTICLE } from './pages';
import { Site } from './site';

test.skip(!existsSync(FIREFOX), `there is no Firefox at ${FIREFOX}; FIREFOX names one`);

test.describe.configure({ timeout: 300_000 });

const patient = expect.configure({ timeout: PATIENCE });
const QUEEN = 'What is the queen of the second hive called?';

let site: Site;
let browser: Firefox;

test.beforeAll(async () => {
  test.setTimeout(180_000);
  site = await Site.start({
    '/hives': ARTICLE,
    '/account': '<!doctype html><title>Account</title><p>The balance is 12.50.</p>',
  });
  browser = await Firefox.start('http://*.localhost/*');
});

test.afterAll(async () => {
  await browser?.stop();
  await site?.stop();
});

/** The address of a page of the site by another name of this machine. */
function at(name: string, path: string): string {
  return site.address.replace('127.0.0.1', name) + path;
}

test('a host that is killed in mid-stream: that is told, what came stays, and it comes back with the next question in Firefox', async () => {
  const { host } = browser;
  const model = await ObedientModel.start();
  try {
    await host.run(...model.arguments);
    await host.run('settings', 'set', 'models.language', MODEL);
    const panel = await browser.panel(await browser.open(at('hives.localhost', '/hives')));
    let go = (): void => undefined;
    model.held = new Promise((resolve) => (go = resolve));
    await press(panel, 'Ask about this page');
    await panel.locator('::-p-text(The hives of the orchard.md)').wait();
    await ask(panel, QUEEN);
    await panel.locator('article ::-p-text(As the page says)').wait();
    const { process: running } = JSON.parse(await host.run('--json', 'status')) as { process: number };
    process.kill(running, 'SIGKILL');
    await panel.locator('article ::-p-text(No answer)').wait();
    expect(await textsOf(panel, 'article')).toEqual([expect.stringContaining('As the page says')]);
    go();
    await ask(panel, 'And now?');
    await patient.poll(async () => (await textsOf(panel, 'article')).at(-1)).toContain(LAST_WORDS);
    const [first, second, ...others] = await textsOf(panel, 'article');
    expect([first, second, others]).toEqual([expect.stringContaining(QUEEN), expect.stringContaining('And now?'), []]);
  } finally {
    await host.run('settings', 'unset', 'models.language');
    model.stop();
  }
});

test('Firefox that is started again has own prompts, allowed and turned-on sites, and the chats', async () => {
  const bank = await browser.panel(await browser.open(at('bank.localhost', '/account')));
  await press(bank, 'Read this page');
  await bank.locator('::-p-aria(Ask about this page[role="button"])').wait();

  await choose(bank, 'Compare tabs…');
  await bank.locator('form input[placeholder="example.org"]').fill('127.0.0.1');
  await press(bank, 'Allow');
  const panel = await browser.panel(await browser.open(at('127.0.0.1', '/hives')));
  await panel.locator('::-p-text(The hives of the orchard)').wait();
  await choose(panel, 'Own prompts…');
  await press(panel, 'New prompt');
  await panel.locator('dialog input').fill('Queens');
  await panel.locator('dialog textarea').fill(QUEEN);
  await press(panel, 'Save');
  await panel.locator('li ::-p-text(Queens)').wait();
  const kept = await panel.evaluate(async () => (await chrome.storage.local.get('prompts'))['prompts']);
  const [{ id }] = kept as [{ id: string }];
  await patient.poll(() => inMenu(panel, id)).toBe(true);
  await choose(panel, 'Queens');
  await panel.locator('::-p-aria(Copy answer[role="button"])').wait();

  await browser.restart();

  const bankAgain = await browser.panel(await browser.open(at('bank.localhost', '/account')));
  await bankAgain.locator('::-p-aria(Ask about this page[role="button"])').wait();
  expect((await textsOf(bankAgain, 'section[aria-label="This page"]')).join()).not.toContain('looks like a site');
  const again = await browser.panel(await browser.open(at('127.0.0.1', '/hives')));
  await again.locator('::-p-text(The hives of the orchard)').wait();
  await patient.poll(() => inMenu(again, id)).toBe(true);
  await press(again, 'Open navigation');
  await again.locator('nav ::-p-text(What is the queen of the second hive called?)').click();
  await again.locator('article ::-p-text(Theodora)').wait();
  await press(again, 'New chat');
  await choose(again, 'Queens');
  await again.locator('::-p-aria(Copy answer[role="button"])').wait();
  expect(await textsOf(again, 'article')).toEqual([expect.stringContaining('Theodora')]);
});
