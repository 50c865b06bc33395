import { readFile } from 'node:fs/promises';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Locator, type Page } from '@playwright/test';
import { Browser } from './chromium';
import { SHOP } from './pages';
import { Site } from './site';

const FOLDER = process.env['AMBIT_SCREENSHOTS'] ?? 'test-results/screenshots';

let site: Site;
let browser: Browser;

test.beforeAll(async () => {
  const framed =
    '<!doctype html><title>Framed</title><h1>Framed</h1><iframe src="/shop" width="600" height="500"></iframe>';
  site = await Site.start({ '/shop': SHOP, '/framed': framed });
  browser = await Browser.start('http://127.0.0.1/*');
});

test.afterAll(async () => {
  await browser.stop();
  await site.stop();
});

async function dataOf(page: Page): Promise<Page> {
  const panel = await browser.panel(page);
  await panel.getByRole('button', { name: 'More about this page' }).click();
  await panel.getByRole('menuitem', { name: 'Tables, lists and facts…' }).click();
  await expect(panel.getByRole('heading', { name: 'Tables, lists and facts', level: 1 })).toBeVisible();
  return panel;
}

async function savedFrom(section: Locator): Promise<string> {
  const coming = section.page().waitForEvent('download');
  await section.getByRole('button', { name: /^Save as a file/ }).click();
  return (await readFile(await (await coming).path(), 'utf8')).replace('\uFEFF', '').trim();
}

test('rows like one that is selected are saved under names that a person gives', async () => {
  const page = await browser.open(`${site.address}/shop`);
  const panel = await dataOf(page);
  await panel.getByRole('button', { name: 'Rows like this' }).click();
  await expect(panel.getByText('Nothing is selected in the page.')).toBeVisible();
  await page.evaluate(() => {
    const [price] = document.querySelectorAll('.price');
    getSelection()?.selectAllChildren(price!);
  });
  await panel.getByRole('button', { name: 'Rows like this' }).click();
  const rows = panel.getByRole('region', { name: 'Rows like your selection' });
  await expect(rows).toContainText('3 rows');
  await panel.getByRole('textbox', { name: 'Name for Title' }).fill('Sort');
  await panel.getByRole('checkbox', { name: 'Keep Posted' }).uncheck();
  await expect(panel.getByRole('textbox', { name: 'Name for Posted' })).toBeDisabled();
  const { violations } = await new AxeBuilder({ page: panel }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
  expect((await savedFrom(rows)).split('\r\n')).toEqual([
    'Sort,Sort address,Price',
    `Heather,${site.address}/Heather,£4.20`,
    `Lime,${site.address}/Lime,"£1,205.00"`,
    `Clover,${site.address}/Clover,'=2+2`,
  ]);
});

test('rows like one that is selected in a frame of the page are found', async () => {
  const page = await browser.open(`${site.address}/framed`);
  const panel = await dataOf(page);
  await page.frameLocator('iframe').locator('.price').first().selectText();
  await panel.getByRole('button', { name: 'Rows like this' }).click();
  const rows = panel.getByRole('region', { name: 'Rows like your selection' });
  await expect(rows).toContainText('3 rows');
  await expect(rows).toContainText('Clover');
});

test('columns that are named are found by their names and kinds, and what is not there is said', async () => {
  const panel = await dataOf(await browser.open(`${site.address}/shop`));
  await panel.getByRole('textbox', { name: 'Wanted columns' }).fill('Name\nCost: number\nDate: date\nSmell');
  await panel.getByRole('button', { name: 'Find them' }).click();
  await expect(panel.getByText('Not found in this page: Smell.')).toBeVisible();
  await expect(panel.getByText('Cost is “Price” in the page.')).toBeVisible();
  await expect(panel.getByText('One value of Cost is something else; it stays as it is.')).toBeVisible();
  await panel.getByRole('combobox', { name: 'Written as' }).selectOption('JSON');
  const found = panel.getByRole('region', { name: 'Columns you named' });
  expect(JSON.parse(await savedFrom(found))).toEqual([
    { Name: 'Heather', Cost: '4.20', Date: '2026-03-04' },
    { Name: 'Lime', Cost: '1205.00', Date: '2026-03-05' },
    { Name: 'Clover', Cost: '=2+2', Date: '2026-03-06' },
  ]);
});

test('facts that a page states for machines are shown, and saved in three forms', async () => {
  const panel = await dataOf(await browser.open(`${site.address}/shop`));
  const store = panel.getByRole('region', { name: 'Store: Honey shop' });
  await expect(store).toContainText('Address – street address');
  await expect(store).toContainText('Quay 3');
  expect(await savedFrom(store)).toContain(`telephone,'=1+1`);
  const forms = panel.getByRole('combobox', { name: 'Written as' });
  await forms.selectOption('Markdown');
  expect(await savedFrom(store)).toContain('- Address – address locality: Estuary');
  await forms.selectOption('JSON');
  expect(JSON.parse(await savedFrom(store))).toEqual([
    {
      '@type': 'Store',
      name: 'Honey shop',
      telephone: '=1+1',
      address: { '@type': 'PostalAddress', streetAddress: 'Quay 3', addressLocality: 'Estuary' },
    },
  ]);
});

test('facts are kept with a saved page once a person said so, and found', async () => {
  const page = await browser.open(`${site.address}/shop`);
  const panel = await browser.panel(page);
  const save = async (): Promise<void> => {
    await panel.getByRole('button', { name: 'More about this page' }).click();
    await panel.getByRole('menuitem', { name: 'Save this page' }).click();
  };
  await save();
  await expect(panel.getByText(/^Saved: Honey shop/)).toBeVisible();
  await expect(panel.getByText('The page states 4 facts for machines')).toBeVisible();
  const { violations } = await new AxeBuilder({ page: panel }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
  expect(await browser.host.run('ask', 'What is the street address of the honey shop?')).not.toContain('Quay 3');
  await panel.getByRole('button', { name: 'Keep them' }).click();
  await expect(panel.getByText('4 facts are kept with the page.')).toBeVisible();
  expect(await browser.host.run('ask', 'What is the street address of the honey shop?')).toContain('Quay 3');
  await save();
  await expect(panel.getByText('Honey shop is saved, and has not changed since.')).toBeVisible();
  await expect(panel.getByText(/facts for machines/)).toHaveCount(0);
  await panel.getByRole('button', { name: 'What do I have on this?' }).click();
  await expect(panel.getByRole('region', { name: 'Saved of this page' })).toContainText('Not changed since');
  await panel.getByRole('button', { name: 'More about this page' }).click();
  await expect(panel.getByRole('menuitemcheckbox', { name: 'Keep facts with saved pages' })).toBeChecked();
});

for (const scheme of ['light', 'dark'] as const) {
  test(`the data of a page in a narrow panel, ${scheme}`, async () => {
    const page = await browser.open(`${site.address}/shop`);
    const panel = await dataOf(page);
    await panel.setViewportSize({ width: 360, height: 1500 });
    await panel.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.evaluate(() => getSelection()?.selectAllChildren(document.querySelector('.price')!));
    await panel.getByRole('button', { name: 'Rows like this' }).click();
    await panel.getByRole('textbox', { name: 'Wanted columns' }).fill('Name\nCost: number\nSmell');
    await panel.getByRole('button', { name: 'Find them' }).click();
    await expect(panel.getByRole('region', { name: 'Columns you named' })).toBeVisible();
    const widest = await panel.evaluate(() => document.scrollingElement!.scrollWidth);
    expect(widest).toBeLessThanOrEqual(360);
    await panel.screenshot({ path: `${FOLDER}/panel-data-${scheme}.png`, animations: 'disabled' });
  });
}
