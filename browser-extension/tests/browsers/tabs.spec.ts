import { expect, test, type Page } from '@playwright/test';
import { expectAccessible } from './accessible';
import { Browser } from './chromium';
import { Site } from './site';

const about = (title: string, text: string): string =>
  `<!doctype html><html lang="en"><head><title>${title}</title></head><body><h1>${title}</h1><p>${text}</p></body></html>`;

let site: Site;
let browser: Browser;

test.beforeAll(async () => {
  site = await Site.start({
    '/north': about('The hives', 'The northern hive gave twelve kilograms of honey in July.'),
    '/south': about('The hives', 'The southern hive gave nine kilograms of honey in July.'),
    '/west': about('The western hive', 'The western hive was empty.'),
    '/nothing': about('', ''),
  });
  browser = await Browser.start('http://127.0.0.1/*');
});

test.afterAll(async () => {
  await browser.stop();
  await site.stop();
});

async function view(panel: Page): Promise<void> {
  await panel.getByRole('button', { name: 'More about this page' }).click();
  await panel.getByRole('menuitem', { name: 'Compare tabs…' }).click();
}

test('pages of several tabs are compared, and the answer says which page says what', async () => {
  const page = await browser.open(`${site.address}/north`);
  await browser.beside(`${site.address}/south`);
  await browser.beside(`${site.address}/west`);
  await browser.beside(`${site.address.replace('127.0.0.1', 'localhost')}/west`);
  const panel = await browser.panel(page);
  await panel.setViewportSize({ width: 360, height: 800 });
  await view(panel);
  await expect(panel.getByRole('checkbox')).toHaveCount(3);
  await expect(panel.getByText(/^One other tab is open of which Ambit sees neither title nor address\./)).toBeVisible();
  await expect(panel.getByRole('button', { name: 'Compare' })).toBeDisabled();
  await expectAccessible(panel);
  expect(await panel.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);

  await panel.getByRole('checkbox', { name: /^The hives/, disabled: false }).check();
  await expect(panel.getByText('2 of at most 8 pages')).toBeVisible();
  await panel.getByRole('button', { name: 'Ask about them' }).click();
  const north = panel.getByRole('button', { name: 'Attachment: The hives (127.0.0.1, 1).md' });
  const south = panel.getByRole('button', { name: 'Attachment: The hives (127.0.0.1, 2).md' });
  await expect(north).toBeVisible();
  await expect(south).toBeVisible();
  await expect(panel.getByRole('button', { name: /^Attachment: .*western/ })).toHaveCount(0);

  await panel.getByRole('textbox', { name: 'Question' }).fill('How much honey did the southern hive give in July?');
  await panel.keyboard.press('Enter');
  const turn = panel.getByRole('article').last();
  await expect(turn).toContainText('nine kilograms');
  await expect(
    turn.getByRole('button', { name: /^Source \d: .*The hives \(127\.0\.0\.1, 2\)\.md/ }).first(),
  ).toBeVisible();
});

test('who wants a comparison gets the question asked', async () => {
  const page = await browser.open(`${site.address}/north`);
  await browser.beside(`${site.address}/west`);
  const panel = await browser.panel(page);
  await view(panel);
  await panel.getByRole('checkbox', { name: /^The western hive/ }).check();
  await panel.getByRole('button', { name: 'Compare' }).click();
  await expect(panel.getByRole('article').last()).toContainText('Compare these pages');
});

test('no more than eight pages can be picked, and that is said', async () => {
  const page = await browser.open(`${site.address}/north`);
  for (let count = 0; count < 9; count += 1) await browser.beside(`${site.address}/west`);
  const panel = await browser.panel(page);
  await view(panel);
  const others = panel.getByRole('checkbox', { name: /^The western hive/ });
  await expect(others).toHaveCount(9);
  for (let at = 0; at < 7; at += 1) await others.nth(at).check();
  await expect(panel.getByText('8 of at most 8 pages')).toBeVisible();
  await expect(others.nth(7)).toBeDisabled();
  await others.nth(0).uncheck();
  await expect(others.nth(7)).toBeEnabled();
  await panel.getByRole('searchbox').fill('hives');
  await expect(others).toHaveCount(6);
});

test('tabs that were marked in the browser are picked', async () => {
  const page = await browser.open(`${site.address}/north`);
  await browser.beside(`${site.address}/west`);
  await browser.beside(`${site.address}/south`);
  const panel = await browser.panel(page);
  await browser.inBackground(async (url) => {
    const tabs = await chrome.tabs.query({});
    const marked = tabs.filter((tab) => tab.url === url || tab.active).sort((one) => (one.active ? -1 : 1));
    await chrome.tabs.highlight({ tabs: marked.map(({ index }) => index) });
  }, `${site.address}/west`);
  await view(panel);
  await expect(panel.getByRole('checkbox', { name: /^The western hive/ })).toBeChecked();
  await expect(panel.getByRole('checkbox', { name: /^The hives/, disabled: false })).not.toBeChecked();
});

test('a tab that cannot be read is told of, and the others are read', async () => {
  const page = await browser.open(`${site.address}/north`);
  await browser.beside(`${site.address}/nothing`);
  const panel = await browser.panel(page);
  await view(panel);
  await panel.getByRole('checkbox', { name: /^127\.0\.0\.1/ }).check();
  await panel.getByRole('button', { name: 'Compare' }).click();
  await expect(panel.getByText(/^127\.0\.0\.1.* was not read: Nothing that can be read/)).toBeVisible();
  await expect(panel.getByRole('button', { name: 'Attachment: The hives.md' })).toBeVisible();
  // What was to be compared is not all there: the question waits for the person.
  await expect(panel.getByRole('textbox', { name: 'Question' })).toHaveValue(/^Compare these pages/);
  await expect(panel.getByRole('article')).toHaveCount(0);
});

test('what is no site is told', async () => {
  const panel = await browser.panel(await browser.open(`${site.address}/north`));
  await view(panel);
  await panel.getByRole('textbox', { name: 'Site' }).fill('*.com');
  await panel.getByRole('button', { name: 'Allow' }).click();
  await expect(panel.getByRole('alert')).toContainText('This is no site');
  await expectAccessible(panel);
});
