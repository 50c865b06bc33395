import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { Browser } from './chromium';
import { APIARY, CHANGED_WINTER, GLACIER, WINTER } from './pages';
import { Site } from './site';

let site: Site;
let other: Site;
let browser: Browser;

test.beforeAll(async () => {
  site = await Site.start({ '/apiary': APIARY, '/winter': WINTER });
  other = await Site.start({ '/glacier': GLACIER });
  browser = await Browser.start('http://127.0.0.1/*');
  const { host } = browser;
  await host.write('Notes/hives.md', '# Hives\n\nThe hives of the orchard were painted green by Edmund in 2019.\n');
  await host.write('Notes/boiler.md', '# Boiler\n\nThe boiler is serviced every October.\n');
  await host.run('index', 'add', `${host.home}/Notes`, '--wait');
  await host.run('ask', 'Who painted the hives of the orchard?');
  for (const path of ['/apiary', '/winter']) await saveOf(await browser.open(site.address + path));
});

test.afterAll(async () => {
  await browser.stop();
  await site.stop();
  await other.stop();
});

async function saveOf(page: Page): Promise<void> {
  const panel = await browser.panel(page);
  await panel.getByRole('button', { name: 'More about this page' }).click();
  await panel.getByRole('menuitem', { name: 'Save this page' }).click();
  await expect(panel.getByText(/^Saved: /)).toBeVisible();
}

test('what there is on a page is shown beside it, with what has changed since it was saved', async () => {
  const winter = await browser.open(`${site.address}/winter`);
  const panel = await browser.panel(winter);
  const look = panel.getByRole('button', { name: 'What do I have on this?' });
  await look.focus();
  await panel.keyboard.press('Enter');
  await expect(panel.getByRole('heading', { name: 'What you have on this page' })).toBeFocused();
  const own = panel.getByRole('region', { name: 'Saved of this page' });
  await expect(own).toContainText('Saved on');
  await expect(own).toContainText('Not changed since');
  const files = panel.getByRole('region', { name: 'Files and saved pages that speak of it' });
  // What has just been saved is found by its meaning a moment later.
  await expect(async () => {
    await panel.getByRole('button', { name: 'Look again' }).click();
    await expect(files).toContainText('need shelter from the wind', { timeout: 2000 });
  }).toPass();
  await expect(files).toContainText('painted green by Edmund');
  await expect(files).toContainText('Building an apiary');
  await expect(files).toContainText(`${new URL(site.address).host}/apiary`);
  await expect(files).not.toContainText('boiler');
  // What was saved of the page itself is no news.
  await expect(files).not.toContainText('stand under straw');
  await expect(panel.getByRole('region', { name: 'Saved of 127.0.0.1' })).toContainText('Building an apiary');
  const answers = panel.getByRole('region', { name: 'Answers you got before' });
  await expect(answers).toContainText('Who painted the hives of the orchard?');
  const { violations } = await new AxeBuilder({ page: panel }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);

  await files.getByRole('button', { name: /^Hives/ }).click();
  const source = panel.getByRole('complementary');
  await expect(source).toContainText('painted green by Edmund');
  await panel.keyboard.press('Escape');
  await expect(source).toHaveCount(0);

  site.change('/winter', CHANGED_WINTER);
  await winter.reload();
  await panel.getByRole('button', { name: 'What do I have on this?' }).click();
  await expect(own).toContainText('Has changed since');
  await own.getByText('What is new').click();
  await expect(own).toContainText('Eight colonies were counted in March.');
  await own.getByRole('button', { name: 'Save it as it is now' }).click();
  await expect(own).toContainText('Not changed since');

  await answers.getByRole('button', { name: /Who painted/ }).click();
  await expect(panel.getByRole('article').last()).toContainText('Edmund');
});

test('a saved page is opened at the words that were found', async () => {
  const winter = await browser.open(`${site.address}/winter`);
  const panel = await browser.panel(winter);
  await panel.getByRole('button', { name: 'What do I have on this?' }).click();
  const opened = panel.context().waitForEvent('page');
  await panel
    .getByRole('region', { name: 'Files and saved pages that speak of it' })
    .getByRole('listitem')
    .filter({ hasText: 'Building an apiary' })
    .getByRole('button', { name: 'Open the page' })
    .click();
  expect((await opened).url()).toContain('/apiary');
});

test('of what is selected alone it is shown from the menu of the page, and nothing where there is nothing', async () => {
  const page = await browser.open(`${other.address}/glacier`);
  const panel = await browser.panel(page);
  await expect(panel.getByRole('region', { name: 'This page' })).toContainText('Quxmar');
  const wish = (text: string | null): Promise<void> =>
    browser.inBackground(
      async ([url, text]) => {
        const tab = (await chrome.tabs.query({})).findLast((one) => one.url === url);
        await chrome.storage.session.set({ [`wish.${tab?.windowId}`]: { kind: 'related', tab: tab?.id, text } });
      },
      [page.url(), text] as const,
    );
  await wish(null);
  await expect(panel.getByRole('heading', { name: 'What you have on this page' })).toBeVisible();
  await expect(panel.getByText('Nothing yet')).toBeVisible();
  await wish('The hives of the orchard were painted by somebody.');
  await expect(panel.getByRole('heading', { name: 'What you have on your selection' })).toBeVisible();
  await expect(panel.getByText('painted green by Edmund').first()).toBeVisible();
});

test('what cannot be found is said, and found once the host is there again', async () => {
  const page = await browser.open(`${site.address}/winter`);
  const panel = await browser.panel(page);
  // The browser finds no program, as on a machine where Ambit was removed.
  await panel.addInitScript(() => {
    const connect = chrome.runtime.connectNative.bind(chrome.runtime);
    chrome.runtime.connectNative = (name: string) => {
      if (document.documentElement.dataset['gone'] !== 'no')
        throw new Error('Specified native messaging host not found.');
      return connect(name);
    };
  });
  await panel.reload();
  await panel.getByRole('button', { name: 'What do I have on this?' }).click();
  const main = panel.getByRole('main');
  await expect(main.getByRole('alert')).toBeVisible();
  await panel.evaluate(() => (document.documentElement.dataset['gone'] = 'no'));
  await main.getByRole('button', { name: 'Try again' }).click();
  await expect(main).toContainText('painted green by Edmund');
});
