import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { expect, expectAccessible, test } from './harness/test';

const LANGUAGE_MODEL = fileURLToPath(
  new URL('../../../crates/inference/tests/fixtures/language_model.gguf', import.meta.url),
);

async function visit(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
}

test('the index lists folders and failures, takes a folder in and out again', async ({ ambit: page, installation }) => {
  await visit(page, 'Index');
  await expect(page.getByText('is damaged')).toBeVisible();
  await page.getByRole('radio', { name: 'Indexed' }).check();
  await expect(page.getByText('certificates.md')).toBeVisible();

  const folder = page.getByRole('textbox', { name: 'Folder' });
  await folder.fill(join(installation.host.home, 'nowhere'));
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await expectAccessible(page);

  const added = join(installation.host.home, 'Notes');
  await installation.host.write('Notes/ideas.md', '# Ideas\n\nA bench below the apple tree.\n');
  await folder.fill(added);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 3, name: added })).toBeVisible();
  await expect(page.getByText('ideas.md')).toBeVisible();

  await page.getByRole('button', { name: 'Forget: ideas.md' }).click();
  await page.getByRole('button', { name: 'Forget', exact: true }).click();
  await expect(page.getByText('ideas.md')).toBeHidden();

  await page.getByRole('button', { name: `Remove: ${added}` }).click();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(page.getByRole('heading', { level: 3, name: added })).toBeHidden();
});

test('a memory is added, changed and forgotten', async ({ ambit: page }) => {
  await visit(page, 'Memory');
  await page.getByRole('button', { name: 'Add a memory' }).click();
  await page.getByRole('radio', { name: 'Preference' }).check();
  await page.getByRole('textbox', { name: 'Text' }).fill('Answer in metric units');
  await page.getByRole('combobox', { name: 'Counts' }).selectOption('In one place of use');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const entry = page.getByRole('listitem').filter({ hasText: 'metric units' });
  await expect(entry).toContainText('Preference');
  await expect(entry).toContainText('Only: This app');

  await entry.getByRole('button', { name: /^Edit/ }).click();
  await page.getByRole('textbox', { name: 'Text' }).fill('Answer in metric units, always');
  await page.keyboard.press('Tab');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Answer in metric units, always')).toBeVisible();

  await entry.getByRole('button', { name: /^Delete/ }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(entry).toBeHidden();
});

test('a language model is taken from a file, answers, and goes again', async ({ ambit: page }) => {
  await visit(page, 'Models');
  await page.getByRole('radio', { name: 'File or folder' }).check();
  await page.getByRole('textbox', { name: 'Path' }).fill('/nowhere/model.gguf');
  await page.getByRole('textbox', { name: 'Name' }).fill('tiny');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByText(/nowhere/).first()).toBeVisible();
  await page.getByRole('status').getByRole('button', { name: 'Close' }).first().click();
  // What was refused can be mended.
  await expect(page.getByRole('textbox', { name: 'Name' })).toHaveValue('tiny');

  await page.getByRole('textbox', { name: 'Path' }).fill(LANGUAGE_MODEL);
  await page.getByRole('textbox', { name: 'Name' }).fill('tiny');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByRole('heading', { level: 3, name: 'tiny' })).toBeVisible();
  await expect(page.getByText('No language model is installed')).toBeHidden();
  await expectAccessible(page);

  await page.getByRole('link', { name: 'New chat' }).click();
  const picker = page.getByRole('button', { name: /^Choose who answers/ });
  await expect(picker).toContainText('tiny');
  await picker.click();
  await expect(page.getByRole('menuitemradio', { name: /^tiny/ })).toBeChecked();
  await page.keyboard.press('Escape');
  await page.getByRole('textbox', { name: 'Question' }).fill('How do I renew a certificate?');
  await page.keyboard.press('Enter');
  // It writes noise, and is stopped if it does not stop by itself.
  const answer = page.getByRole('article').last();
  await expect(answer).toContainText(/Written by tiny|Nothing relevant found|No answer/);

  await visit(page, 'Models');
  await page.getByRole('button', { name: 'Remove: tiny' }).click();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(page.getByRole('heading', { level: 3, name: 'tiny' })).toBeHidden();
});

test('activity tells what was done, and switches the network off', async ({ ambit: page }) => {
  await visit(page, 'Activity');
  await expect(page.getByRole('cell', { name: 'Folder added' }).first()).toBeVisible();
  await page.getByRole('searchbox', { name: 'Filter', exact: true }).fill('token');
  await expect(page.getByRole('cell', { name: 'Folder added' })).toHaveCount(0);
  await expect(page.getByRole('cell', { name: 'Token made' }).first()).toBeVisible();
  await page.getByRole('switch', { name: /^Offline mode/ }).check();
  await expect(page.getByRole('navigation')).toContainText('Offline mode');
  await page.getByRole('switch', { name: /^Offline mode/ }).uncheck();
  await expect(page.getByRole('navigation')).toContainText('Ready');
});

test('settings are found, changed, refused with the reason, and reset', async ({ ambit: page }) => {
  await visit(page, 'Settings');
  await page.getByRole('searchbox', { name: 'Search settings' }).fill('passages answer');
  const field = page.getByRole('textbox', { name: /^How many passages/ });
  await field.fill('many');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await field.fill('5');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Changed', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Reset: answer.passages' }).click();
  await expect(field).toHaveValue('8');
});

test('a backup is written and the export comes as a file', async ({ ambit: page, installation }) => {
  await visit(page, 'Settings');
  await page.getByRole('textbox', { name: 'New file' }).fill(join(installation.host.home, 'ambit.backup'));
  await page.getByRole('button', { name: 'Back up' }).click();
  await expect(page.getByText(/^Backup written/)).toBeVisible();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export as JSON' }).click();
  expect((await download).suggestedFilename()).toBe('ambit-export.json');
});

test('the page speaks German', async ({ ambit: page }) => {
  await visit(page, 'Settings');
  await page.getByRole('combobox', { name: 'Language' }).selectOption('Deutsch');
  await expect(page.getByRole('heading', { level: 1, name: 'Einstellungen' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'Einstellungen' })).toBeVisible();
  await page.getByRole('combobox', { name: 'Sprache' }).selectOption('Wie das System');
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
});

test('a server is added, consented to, given a folder and removed', async ({ ambit: page, installation }) => {
  const known = JSON.parse(await installation.host.get('/v1/openapi.json', installation.token)) as { paths: object };
  test.skip(!('/v1/providers' in known.paths), 'this host knows no providers');
  await visit(page, 'Providers');
  await page.getByRole('button', { name: 'Add a server' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('elsewhere');
  await page.getByRole('combobox', { name: 'Speaks' }).selectOption('OpenAI’s API');
  await page.getByRole('textbox', { name: 'Address' }).fill('https://models.example/v1');
  await page.getByRole('textbox', { name: 'Models' }).fill('large, small');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByText('Gets nothing yet')).toBeVisible();

  await page.getByRole('textbox', { name: 'Folder (elsewhere)' }).fill(installation.host.documents);
  await page.getByRole('button', { name: 'Allow' }).click();
  await expect(page.getByRole('button', { name: `No longer allow ${installation.host.documents}` })).toBeVisible();
  await page.getByLabel('Key (elsewhere)').fill('sk-scratch');
  await page.getByRole('button', { name: 'Set key' }).click();
  await expect(page.getByText(/^The key is kept in/)).toBeVisible();
  await page.getByRole('button', { name: 'Consent' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Consent' }).click();
  await expect(page.getByText('Consented', { exact: true })).toBeVisible();
  await expectAccessible(page);

  await page.getByRole('button', { name: 'Remove: elsewhere' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByText('No server is added')).toBeVisible();
});
