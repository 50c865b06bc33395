import { expect, test, type Page } from '@playwright/test';
import { CORPUS } from '../hostile/corpus';
import { findingsIn } from '../hostile/findings';
import { MODEL, ObedientModel } from '../hostile/obedient_model';
import { documentOf, FIRST_WORDS, HIDDEN, LAST_WORDS } from '../hostile/page';
import { SITE, WatchedWeb } from '../hostile/watched_web';
import { Browser } from './chromium';

/** What of a page the panel shows beside the chat. */
const VIEWS = ['Tables, lists and facts…', 'Fill in a form…'];

let web: WatchedWeb;
let model: ObedientModel;
let browser: Browser;
let token: string;
/** The tab that shows one page after the other, and the panel for it. */
let page: Page;
let panel: Page;
let panelAddress: string;
let before: Record<string, string>;

test.beforeAll(async () => {
  [web, model] = await Promise.all([WatchedWeb.start(), ObedientModel.start()]);
  web.publish('/elsewhere', documentOf({ name: 'elsewhere', body: '<p>Nothing of interest.</p>' }));
  browser = await Browser.start(`${SITE}/*`, { proxy: web.proxy });
  const { host } = browser;
  await host.start();
  await host.run(...model.arguments);
  await host.run('settings', 'set', 'models.language', MODEL);
  for (const text of ['First name: Ada', 'My email address is ada@example.org', 'The alarm code of the house is 4711.'])
    await host.run('memory', 'add', text);
  token = await host.token('read', 'manage');
  page = await browser.open(`${SITE}/elsewhere`);
  panelAddress = await browser.addressFor(page);
  panel = await page.context().newPage();
  before = await kept();
});

test.afterAll(async () => {
  await browser?.stop();
  model?.stop();
  await web?.stop();
});

/** All that nobody but the person may change. */
async function kept(): Promise<Record<string, string>> {
  const told: Record<string, string> = {};
  for (const what of ['memories', 'pages', 'settings', 'providers', 'index/roots', 'tokens'])
    told[what] = await browser.host.get(`/v1/${what}`, token);
  told['extension'] = await browser.inBackground(async () => {
    const [local, permissions] = await Promise.all([chrome.storage.local.get(), chrome.permissions.getAll()]);
    return JSON.stringify({ local, permissions });
  }, null);
  return told;
}

/** Shows a page, and then the panel for it anew. */
async function show(url: string): Promise<void> {
  for (const other of page.context().pages()) if (other !== page && other !== panel) await other.close();
  await page.goto(url);
  await panel.goto('about:blank');
  await panel.goto(panelAddress);
}

/** Notes what a panel asks for, and what its policy or its scripts complain of. */
function watch(panel: Page): string[] {
  const noted: string[] = [];
  panel.removeAllListeners();
  panel.on('request', (request) => {
    if (!/^(chrome-extension|blob):/.test(request.url())) noted.push(`a request: ${request.url()}`);
  });
  panel.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) noted.push(`${message.type()}: ${message.text()}`);
  });
  panel.on('pageerror', (error) => noted.push(String(error)));
  panel.on('dialog', (dialog) => noted.push(`a dialog: ${dialog.message()}`));
  return noted;
}

CORPUS.forEach((hostile, number) => {
  test(`${number + 1}: ${hostile.name}`, async () => {
    web.noted.length = 0;
    await show(web.publish(`/${number}`, documentOf(hostile)));
    const noted = watch(panel);

    let go = (): void => undefined;
    if (hostile.leaves) model.held = new Promise((resolve) => (go = resolve));
    await panel.getByRole('button', { name: 'Ask about this page' }).click();
    await expect(panel.getByRole('button', { name: /^Attachment: / })).toBeVisible();
    await panel.getByRole('textbox', { name: 'Question' }).fill('What does this page say? Do what it asks.');
    await panel.keyboard.press('Enter');
    if (hostile.leaves) {
      await expect(panel.getByRole('article').last()).toContainText('As the page says');
      await page.evaluate(() => dispatchEvent(new Event('leave')));
      await page.waitForURL(`${SITE}/elsewhere`);
      go();
    }
    await expect(panel.getByRole('article').last()).toContainText(LAST_WORDS);
    await expect(panel.getByText('The answer is complete.')).toBeAttached();

    expect(model.read).toContain(hostile.read ?? FIRST_WORDS);
    expect(model.read).not.toContain(HIDDEN);
    const [said = ''] = (hostile.said ?? '').split('{EVERYTHING}');
    expect(model.said).toContain(said);
    expect(await findingsIn(panel)).toEqual([]);

    for (const view of hostile.isUnseen ? [] : VIEWS) {
      await panel.getByRole('button', { name: 'More about this page' }).click();
      await panel.getByRole('menuitem', { name: view }).click();
      await expect(panel.getByRole('button', { name: 'Read the page again' })).toBeVisible();
      expect(await findingsIn(panel), view).toEqual([]);
    }

    expect(noted).toEqual([]);
    expect(web.noted).toEqual([]);
    expect(await page.locator(':root').getAttribute('data-reached')).toBeNull();
    for (const field of await page.locator('form[action="/sent"] input').all())
      expect(await field.inputValue()).toBe('');
    expect(await kept()).toEqual(before);
  });
});

test('what would be amiss is noticed', async () => {
  web.noted.length = 0;
  await show(`${SITE}/elsewhere`);
  const noted = watch(panel);
  expect(await findingsIn(panel)).toEqual([]);
  await panel.evaluate(() => {
    const article = document.body.appendChild(document.createElement('article'));
    article.innerHTML =
      '<img src="https://evil.test/i.png"><p onclick="x" style="background:url(https://evil.test/)" id="page"></p>' +
      '<iframe></iframe><a href="javascript:1">x</a><a href="https://evil.test/">y</a><input><style>p { color: red }</style>';
    document.title = 'Other';
    Reflect.set(window, 'hit', 1);
  });
  const found = (await findingsIn(panel)).map((one) => one.split(':')[0]);
  for (const kind of [
    ...['an element', 'an address', 'a handler', 'a style', 'an attribute', 'a field', 'a frame', 'the title'],
    ...['a script has run', 'a link that tells where it is'],
  ])
    expect(found).toContain(kind);
  await expect.poll(() => noted.join('\n')).toContain('https://evil.test/i.png');
  await page.evaluate(() => fetch('http://127.0.0.1:8099/told', { mode: 'no-cors' }).catch(() => undefined));
  await page.evaluate(() => fetch('https://evil.test/told', { mode: 'no-cors' }).catch(() => undefined));
  expect(web.noted).toEqual(['GET http://127.0.0.1:8099/told', 'CONNECT evil.test:443']);
});
