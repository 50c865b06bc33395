// The knowledge graph, walked by pointer and by keyboard.
import { GARDEN } from './harness/files';
import { expect, expectAccessible, expectFits, test } from './harness/test';

test.beforeAll(async ({ installation: { host } }) => {
  for (const [name, content] of Object.entries(GARDEN)) await host.write(name, content);
  await host.run('index', 'add', `${host.home}/Garden`, '--wait');
});

test.afterAll(async ({ installation: { host } }) => {
  await host.run('index', 'remove', `${host.home}/Garden`);
});

test('the graph is searched, walked, left backwards, and leads to sources', async ({ ambit: page }) => {
  await page.getByRole('navigation').getByRole('link', { name: 'Memory' }).click();
  await page.getByRole('radio', { name: 'Knowledge' }).check();
  // Where to begin is what others refer to.
  await expect(page.getByRole('link', { name: 'Raised beds', exact: true })).toBeVisible();
  await expectAccessible(page);

  await page.getByRole('searchbox', { name: 'Search by name' }).fill('the garden');
  await page.getByRole('link', { name: 'The garden' }).first().click();
  const middle = page.getByRole('heading', { level: 2, name: 'The garden' });
  await expect(middle).toBeFocused();
  for (const relation of ['links to', 'linked from', 'by', 'tagged', 'section', 'links outside']) {
    await expect(page.getByRole('heading', { level: 3, name: relation, exact: true })).toBeVisible();
  }
  await expect(page.locator('svg .node.middle')).toContainText('The garden');
  await expectAccessible(page);

  // By pointer in the drawing …
  await page.locator('svg .node', { hasText: 'Tomatoes' }).click();
  await expect(page.getByRole('heading', { level: 2, name: 'Tomatoes' })).toBeFocused();
  await page.getByRole('button', { name: 'Show source' }).click();
  await expect(page.getByRole('complementary', { name: 'Source' })).toContainText('pinched out weekly');
  await page.getByRole('button', { name: 'Close source' }).click();

  // … and by keyboard in the list, to a person and what they wrote.
  await page.getByRole('link', { name: 'Ada Example' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 2, name: 'Ada Example' })).toBeFocused();
  await expect(page.getByRole('heading', { level: 3, name: 'wrote' })).toBeVisible();
  await page.getByRole('button', { name: 'Back', exact: true }).click();
  await expect(page.getByRole('heading', { level: 2, name: 'Tomatoes' })).toBeVisible();
  // As the browser goes back.
  await page.goBack();
  await expect(page.getByRole('heading', { level: 2, name: 'The garden' })).toBeVisible();
});

test('what is called so comes first, also by the names of files, by tags and by imports', async ({ ambit: page }) => {
  await page.evaluate(() => (location.hash = '#/memory/knowledge'));
  const search = page.getByRole('searchbox', { name: 'Search by name' });
  const found = page.locator('.knowledge li');
  await search.fill('vegetables');
  await expect(found.filter({ hasText: 'Tag' }).first()).toContainText('vegetables');
  await search.fill('tomatoes.md');
  await expect(found.first()).toContainText('Tomatoes');
});

test('code is walked by what it defines and uses', async ({ ambit: page }) => {
  await page.evaluate(() => (location.hash = '#/memory/knowledge'));
  await page.getByRole('searchbox', { name: 'Search by name' }).fill('open_valve');
  await page.getByRole('link', { name: 'open_valve' }).first().click();
  await expect(page.getByRole('heading', { level: 2, name: 'open_valve' })).toBeVisible();
  await expect(page.getByRole('heading', { level: 3, name: 'used by' })).toBeVisible();
  await page.getByRole('link', { name: 'water_tomatoes' }).click();
  await expect(page.getByRole('heading', { level: 2, name: 'water_tomatoes' })).toBeVisible();
  await page.getByRole('button', { name: 'Show source' }).click();
  await expect(page.getByRole('region', { name: 'Cited passage' }).first()).toContainText('def water_tomatoes');
});

test('the graph fits a narrow window', async ({ ambit: page }) => {
  await page.setViewportSize({ width: 360, height: 700 });
  await page.evaluate(() => (location.hash = '#/memory/knowledge'));
  await page.getByRole('link', { name: 'Raised beds', exact: true }).click();
  await expect(page.locator('svg .node.middle')).toBeVisible();
  await expectFits(page);
  await expectAccessible(page);
});
