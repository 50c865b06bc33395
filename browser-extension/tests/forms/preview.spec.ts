import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, serve, SITE, test } from './harness';

async function show(page: Page, query = ''): Promise<void> {
  await serve(page);
  await page.goto(`${SITE}preview.html${query}`);
  await expect(page.getByRole('heading', { level: 2 })).toBeVisible();
}

function tick(page: Page, label: string) {
  return page.getByRole('checkbox', { name: `Fill in “${label}”` });
}

function confirmed(page: Page) {
  return page.evaluate(() => window.confirmed);
}

test('only what is sure and overwrites nothing is ticked, and only what is ticked is handed over', async ({ page }) => {
  await show(page);
  await expect(tick(page, 'First name')).toBeChecked();
  await expect(tick(page, 'Country')).toBeChecked();
  await expect(tick(page, 'Last name')).not.toBeChecked();
  await expect(tick(page, 'Email')).not.toBeChecked();
  await expect(page.getByText('Would overwrite “Marsh”')).toBeVisible();
  await tick(page, 'Country').uncheck();
  await page.getByRole('button', { name: /^Fill in/ }).click();
  expect(await confirmed(page)).toEqual([
    [
      { id: 'first', value: 'Alex' },
      { id: 'town', value: 'Bristol' },
    ],
  ]);
});

test('of values that compete the person chooses, with where each comes from', async ({ page }) => {
  await show(page);
  await expect(tick(page, 'Email')).toBeDisabled();
  await expect(page.getByText('From: A letter of May')).toBeVisible();
  await page.getByRole('radio', { name: 'office@whitfield.example' }).check();
  await tick(page, 'Email').check();
  await page.getByRole('button', { name: /^Fill in/ }).click();
  expect((await confirmed(page))[0]).toContainEqual({ id: 'mail', value: 'office@whitfield.example' });
});

test('a value can be changed, and one that is emptied is not filled in', async ({ page }) => {
  await show(page);
  await page.getByLabel('Value for “First name”').fill('Alexandra');
  await expect(page.getByText('Changed by you')).toBeVisible();
  await page.getByLabel(/^Value for “Town/).fill('');
  await page.getByRole('combobox', { name: 'Value for “Country”' }).selectOption('Germany');
  await page.getByRole('button', { name: 'Fill in 2 fields' }).click();
  expect(await confirmed(page)).toEqual([
    [
      { id: 'first', value: 'Alexandra' },
      { id: 'country', value: 'de' },
    ],
  ]);
});

test('fields that get nothing say why', async ({ page }) => {
  await show(page);
  await page.getByText('4 fields get nothing').click();
  await expect(page.getByText('Numbers of this sort are never filled in')).toBeVisible();
  await expect(page.getByText('It asks something of its own')).toBeVisible();
  await expect(page.getByText('“BS1 4QA”: It is longer than the page allows')).toBeVisible();
  await expect(page.getByText('Field without a label')).toBeVisible();
});

test('a label is shown as it is, and is no markup', async ({ page }) => {
  await show(page);
  await expect(page.getByText('Town <b>', { exact: true })).toBeVisible();
  await expect(page.locator('main b')).toHaveCount(0);
});

test('what became of it is told, and can be undone', async ({ page }) => {
  await show(page);
  await page.getByRole('button', { name: /^Fill in/ }).click();
  const status = page.getByRole('status');
  await expect(status).toContainText('1 field was filled in');
  await expect(status).toContainText('Country: Another field stands there now; it was left alone');
  await expect(status).toContainText('The page tried 1 time to submit or to leave meanwhile, and was stopped');
  await page.getByRole('button', { name: 'Undo all' }).click();
  expect(await page.evaluate(() => window.undoings)).toBe(1);
  await expect(status).toContainText('First name: It was changed since; it was left alone');
  await expect(page.getByRole('button', { name: 'Undo all' })).toHaveCount(0);
});

test('all of it can be done with the keyboard', async ({ page }) => {
  await show(page);
  await page.keyboard.press('Tab');
  await expect(tick(page, 'First name')).toBeFocused();
  await page.keyboard.press('Space');
  await expect(tick(page, 'First name')).not.toBeChecked();
  await page.keyboard.press('Tab');
  await expect(page.getByLabel('Value for “First name”')).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await expect(tick(page, 'Last name')).toBeChecked();
  await page.getByRole('button', { name: /^Fill in/ }).focus();
  await page.keyboard.press('Enter');
  expect((await confirmed(page))[0]?.map(({ id }) => id)).toEqual(['last', 'country', 'town']);
});

test('it speaks German', async ({ page }) => {
  await show(page, '?de');
  await expect(page.getByRole('heading', { name: 'Dieses Formular ausfüllen' })).toBeVisible();
  await expect(page.getByRole('button', { name: '3 Felder ausfüllen' })).toBeVisible();
});

test('a page without fields is told to have none', async ({ page }) => {
  await show(page, '?none');
  await expect(page.getByText('There are no fields to fill in')).toBeVisible();
  await expect(page.getByRole('button')).toHaveCount(0);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`it is accessible in ${colorScheme} colours, in a narrow panel`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 320, height: 700 });
    await show(page);
    await page.getByText('4 fields get nothing').click();
    await page.getByRole('button', { name: /^Fill in/ }).click();
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  });
}
