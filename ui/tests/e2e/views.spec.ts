import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Locator, Page } from '@playwright/test';
import { ask, beginChat, expect, expectAccessible, test } from './harness/test';

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

  await beginChat(page);
  const picker = page.getByRole('button', { name: /^Choose who answers/ });
  await expect(picker).toContainText('tiny');
  await picker.click();
  await expect(page.getByRole('menuitemradio', { name: /^As chosen for all chats/ })).toBeChecked();
  await page.getByRole('menuitemradio', { name: /^tiny/ }).click();
  await picker.click();
  await expect(page.getByRole('menuitemradio', { name: /^tiny/ })).toBeChecked();
  await page.getByRole('menuitemcheckbox', { name: /^Stay on this machine/ }).click();
  await picker.click();
  await expect(page.getByRole('menuitemcheckbox', { name: /^Stay on this machine/ })).toBeChecked();
  await page.keyboard.press('Escape');
  await page.getByRole('textbox', { name: 'Question' }).fill('How do I renew a certificate?');
  await page.keyboard.press('Enter');
  // It writes noise; that it wrote it is what counts.
  await expect(page.getByRole('article').last()).toContainText('Written by tiny');
  // The chat keeps both; the next one begins as all do.
  await page.reload();
  await picker.click();
  await expect(page.getByRole('menuitemradio', { name: /^tiny/ })).toBeChecked();
  await expect(page.getByRole('menuitemcheckbox', { name: /^Stay on this machine/ })).toBeChecked();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await beginChat(page);
  await picker.click();
  await expect(page.getByRole('menuitemradio', { name: /^As chosen for all chats/ })).toBeChecked();
  await page.keyboard.press('Escape');

  await visit(page, 'Models');
  // It is in memory yet, and what it holds there is told.
  const held = page.getByRole('listitem').filter({ hasText: 'tiny' });
  await expect(held).toContainText('Resting');
  await expect(held).toContainText(/kB of weights/);
  await expect(page.getByText('models may hold what is free')).toBeVisible();
  await page.getByRole('button', { name: 'Remove: tiny' }).click();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(page.getByRole('heading', { level: 3, name: 'tiny' })).toBeHidden();
  await page.getByRole('link', { name: 'Limit it' }).click();
  await expect(page.getByRole('spinbutton', { name: /^The most memory in MiB/ })).toHaveValue('0');
});

test('a language model completes code until one stops that or removes it', async ({ ambit: page, installation }) => {
  const card = (name: string): Locator =>
    page.locator('.card').filter({ has: page.getByRole('heading', { level: 3, name, exact: true }) });
  const badge = (name: string): Locator => card(name).getByText('Completes code', { exact: true });
  const complete = card('coder').getByRole('button', { name: 'Complete code with it' });
  const setting = page.getByRole('textbox', { name: /^The language model that completes code/ });
  const expectSetting = async (value: string): Promise<void> => {
    await visit(page, 'Settings');
    await page.getByRole('searchbox', { name: 'Search settings' }).fill('completion.model');
    await expect(page.getByRole('heading', { name: 'Code completion' })).toBeVisible();
    await expect(setting).toHaveValue(value);
    await visit(page, 'Models');
  };

  await visit(page, 'Models');
  await page.getByRole('radio', { name: 'File or folder' }).check();
  await page.getByRole('textbox', { name: 'Path' }).fill(LANGUAGE_MODEL);
  await page.getByRole('textbox', { name: 'Name' }).fill('coder');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await complete.click();
  await expect(badge('coder')).toBeVisible();
  await expectAccessible(page);
  await expectSetting('coder');
  await card('coder').getByRole('button', { name: 'Stop completing code' }).click();
  await expect(complete).toBeVisible();
  await expect(badge('coder')).toHaveCount(0);
  await expectSetting('');

  await complete.click();
  await expect(badge('coder')).toBeVisible();
  await page.getByRole('button', { name: 'Remove: coder' }).click();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(card('coder')).toHaveCount(0);
  await expectSetting('');

  // One of a server is chosen elsewhere, and stopped here as well.
  await installation.host.run('settings', 'set', 'completion.model', 'ollama/coder');
  await expectSetting('ollama/coder');
  await expect(badge('ollama/coder')).toBeVisible();
  await expectAccessible(page);
  await card('ollama/coder').getByRole('button', { name: 'Stop completing code' }).click();
  await expect(card('ollama/coder')).toHaveCount(0);
  await expectSetting('');
});

test('activity tells what was done, and switches the network off', async ({ ambit: page }) => {
  await ask(page, 'Who services the boiler?');
  await visit(page, 'Activity');
  await expect(page.getByRole('cell', { name: 'Question asked' }).first()).toBeVisible();
  await page.getByRole('searchbox', { name: 'Filter', exact: true }).fill('token');
  await expect(page.getByRole('cell', { name: 'Question asked' })).toHaveCount(0);
  await expect(page.getByRole('cell', { name: 'Token made' }).first()).toBeVisible();
  const offline = page.getByRole('switch', { name: /^Offline mode/ });
  await offline.click();
  await expect(offline).toBeChecked();
  await expect(page.getByRole('navigation')).toContainText('Offline mode');
  await offline.click();
  await expect(offline).not.toBeChecked();
  await expect(page.getByRole('navigation')).toContainText('Ready');
});

test('a change that the host refuses leaves the switch as it was, and what the environment sets cannot be turned', async ({
  ambit: page,
}) => {
  const detail = 'the environment says otherwise';
  const problem = { type: '', title: '', status: 422, code: 'invalid-input', detail };
  await page.route('**/v1/settings/network.offline', (route) => route.fulfill({ status: 422, json: problem }));
  await visit(page, 'Activity');
  const offline = page.getByRole('switch', { name: /^Offline mode/ });
  await offline.click();
  await expect(page.getByText('The environment says otherwise')).toBeVisible();
  await expect(offline).not.toBeChecked();

  await page.route('**/v1/settings', async (route) => {
    const answer = (await (await route.fetch()).json()) as { settings: { key: string; origin: string }[] };
    for (const setting of answer.settings)
      if (setting.key === 'network.offline') setting.origin = 'AMBIT_NETWORK_OFFLINE';
    await route.fulfill({ json: answer });
  });
  await visit(page, 'Settings');
  await expect(page.getByRole('listitem').filter({ hasText: 'network.offline' }).getByRole('switch')).toBeDisabled();
  await visit(page, 'Activity');
  await expect(page.getByText('Set by AMBIT_NETWORK_OFFLINE')).toBeVisible();
  await expect(offline).toBeDisabled();
});

test('a file that is forgotten is seen nowhere any more', async ({ ambit: page, installation }) => {
  await installation.host.write('Documents/bees.md', '# Bees\n\nThe hive has a queen named Wilhelmina since spring.\n');
  await visit(page, 'Index');
  await page.getByRole('radio', { name: 'Indexed' }).check();
  await expect(page.getByText('bees.md')).toBeVisible();
  await beginChat(page);
  await page.getByRole('textbox', { name: 'Question' }).fill('What is the queen of the hive named?');
  await page.keyboard.press('Enter');
  const answer = page.getByRole('article').last();
  await expect(answer).toContainText('Wilhelmina');
  await answer
    .getByRole('button', { name: /^Source \d+: bees\.md/ })
    .first()
    .click();
  const source = page.getByRole('complementary', { name: 'Source' });
  await expect(source).toContainText('Wilhelmina');
  const chat = page.url();

  await visit(page, 'Index');
  await page.getByRole('radio', { name: 'Indexed' }).check();
  await page.getByRole('button', { name: 'Forget: bees.md' }).click();
  await page.getByRole('button', { name: 'Forget', exact: true }).click();
  await expect(source).toBeHidden();
  await page.evaluate((address) => (location.href = address), chat);
  await expect(page.getByRole('article').last()).toContainText('The answer was removed');
  await expect(page.getByRole('main')).not.toContainText('Wilhelmina');
});

test('a part of the page that cannot be loaded says so', async ({ ambit: page }) => {
  await page.route('**/assets/views*.js', (route) => route.abort());
  await page.getByRole('navigation').getByRole('link', { name: 'Index' }).click();
  await expect(page.getByRole('alert')).toContainText('This part of the page could not be loaded.');
  await expectAccessible(page);
  await page.unroute('**/assets/views*.js');
  await page.getByRole('button', { name: 'Load the page again' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Index' })).toBeVisible();
});

test('a dialog keeps what is typed when one presses beside it, and tells of a refusal once and below', async ({
  ambit: page,
}) => {
  await visit(page, 'Memory');
  await page.getByRole('button', { name: 'Add a memory' }).click();
  const text = page.getByRole('textbox', { name: 'Text' });
  await text.fill('The bench stands below the apple tree');
  await page.mouse.click(10, 10);
  await expect(text).toHaveValue('The bench stands below the apple tree');
  let sent = 0;
  await page.route('**/v1/memories', async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    sent += 1;
    await new Promise((resolve) => setTimeout(resolve, 500));
    const problem = { type: '', title: '', status: 422, code: 'invalid-input', detail: 'no', hint: 'say yes' };
    return route.fulfill({ status: 422, json: problem });
  });
  await page.getByRole('button', { name: 'Save', exact: true }).dblclick();
  await expect(page.getByRole('alert')).toHaveText('No. Say yes');
  expect(sent).toBe(1);
  await expectAccessible(page);
});

test('settings are found, changed, refused with the reason, and reset', async ({ ambit: page }) => {
  await visit(page, 'Settings');
  await page.getByRole('searchbox', { name: 'Search settings' }).fill('passages answer');
  const field = page.getByRole('spinbutton', { name: /^How many passages/ });
  await expect(page.getByText('From the next start of the host')).toBeVisible();
  await field.fill('51');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  // The browser tells the bounds, and the host is not asked.
  expect(await field.evaluate((input: HTMLInputElement) => input.validity.rangeOverflow)).toBe(true);
  await field.fill('5');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Changed', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Reset: answer.passages' }).click();
  await expect(field).toHaveValue('8');

  const search = page.getByRole('searchbox', { name: 'Search settings' });
  await search.fill('hub');
  await page.getByRole('textbox', { name: /^Address of the hub/ }).fill('nowhere');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('alert')).toBeVisible();

  // What has few values is chosen among them.
  await search.fill('power.profile');
  await page.getByRole('combobox', { name: /^How much the machine/ }).selectOption('saver');
  await expect(page.getByText('Changed', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Reset: power.profile' }).click();
  await expect(page.getByRole('combobox', { name: /^How much the machine/ })).toHaveValue('automatic');
});

test('what is no setting of the host is found as well', async ({ ambit: page }) => {
  await visit(page, 'Settings');
  const search = page.getByRole('searchbox', { name: 'Search settings' });
  for (const [word, heading] of [
    ['backup', 'Your data'],
    ['import', 'Your data'],
    ['export', 'Your data'],
    ['restore', 'Your data'],
    ['language', 'This page'],
    ['newer', 'Newer versions'],
  ] as const) {
    await search.fill(word);
    await expect(page.getByRole('heading', { name: heading }), word).toBeVisible();
  }
  await search.fill('xylophone');
  await expect(page.getByText('No setting matches')).toBeVisible();
});

test('newer versions are looked for when one asks, and only then', async ({ ambit: page }) => {
  let asked = 0;
  await page.route('**/v1/updates/check', (route) => {
    asked++;
    const files = [{ url: 'https://updates.example/ambit.deb', sha256: 'ab12', bytes: 70_000_000 }];
    const json = { version: '0.1.0', newest: '0.2.0', is_newer: true, published_at: Date.UTC(2026, 0, 2, 12), files };
    return route.fulfill({ json });
  });
  await visit(page, 'Settings');
  await expect(page.getByText('Nothing is looked for until you ask')).toBeVisible();
  expect(asked).toBe(0);
  await page.getByRole('button', { name: 'Check now' }).click();
  await expect(page.getByText('Version 0.2.0 is there.')).toBeVisible();
  await expect(page.getByRole('link', { name: 'https://updates.example/ambit.deb' })).toBeVisible();
  await expect(page.getByText('70 MB')).toBeVisible();
  await expect(page.getByText(/^The list was published .*2026/)).toBeVisible();
  expect(asked).toBe(1);
  await expectAccessible(page);
});

test('a file that is dropped where nothing takes it leaves the page as it is', async ({ ambit: page }) => {
  await visit(page, 'Settings');
  const isHeld = await page.evaluate(() => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(['x'], 'x.txt'));
    const event = new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true });
    document.querySelector('main')?.dispatchEvent(event);
    return event.defaultPrevented;
  });
  expect(isHeld).toBe(true);
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

  await page.getByRole('button', { name: 'Edit: elsewhere' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Models' }).fill('large, tiny');
  await dialog.getByRole('checkbox', { name: 'large' }).check();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('tiny', { exact: true })).toBeVisible();
  // The address stayed, so the consent did.
  await expect(page.getByText('Consented', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Edit: elsewhere' }).click();
  await expect(dialog.getByRole('checkbox', { name: 'large' })).toBeChecked();
  await dialog.getByRole('button', { name: 'Cancel' }).click();

  await page.getByRole('button', { name: 'Remove: elsewhere' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByText('No server is added')).toBeVisible();
});

test('a server of this machine that passes models on needs consent, and shows where its key is', async ({
  ambit: page,
}) => {
  const cloud = {
    name: 'ollama',
    kind: 'ollama',
    url: 'http://localhost:11434',
    host: 'localhost',
    models: ['small', 'gpt-oss:120b-cloud'],
    context_tokens: 8192,
    remote: false,
    consented: false,
    folders: [],
    passed_on: ['gpt-oss:120b-cloud'],
    key: 'the system keyring',
  };
  const near = { ...cloud, name: 'lm', models: ['tiny'], passed_on: [], key: null };
  await page.route('**/v1/providers', (route) => route.fulfill({ json: { providers: [cloud, near] } }));
  let model = 'ollama/gpt-oss:120b-cloud';
  await page.route('**/v1/status', async (route) => {
    const status = (await (await route.fetch()).json()) as object;
    await route.fulfill({ json: { ...status, language_model: model } });
  });
  await visit(page, 'Providers');
  await expect(page.getByText('gpt-oss:120b-cloud (passed on elsewhere)')).toBeVisible();
  await expect(page.getByText('Gets nothing yet')).toHaveCount(1);
  await expect(page.getByRole('textbox', { name: 'Folder (ollama)' })).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Folder (lm)' })).toHaveCount(0);
  await expect(page.getByText('Its key is in the system keyring.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Remove key' })).toHaveCount(1);
  await page.getByRole('button', { name: 'Consent' }).click();
  await expect(page.getByRole('dialog')).toContainText('passes gpt-oss:120b-cloud on to another one');
  await expectAccessible(page);
  await page.keyboard.press('Escape');

  await beginChat(page);
  await expect(page.getByText('gets nothing before you consent')).toBeVisible();
  model = 'lm/tiny';
  await expect(page.getByText('Nothing leaves this machine.')).toBeVisible();
});

test('the index tells that work in the background is slow or rests, and why', async ({ ambit: page }) => {
  let background: object = { state: 'slowed', cause: 'battery', reason: 'the machine runs on battery' };
  await page.route('**/v1/status', async (route) => {
    const status = (await (await route.fetch()).json()) as object;
    await route.fulfill({ json: { ...status, background } });
  });
  await visit(page, 'Index');
  await expect(page.getByText('Work in the background is slowed: the machine runs on battery.')).toBeVisible();
  await expectAccessible(page);
  background = { state: 'resting', cause: 'memory', reason: 'memory is short' };
  await expect(page.getByText('Work in the background rests: memory is scarce.')).toBeVisible();
  background = { state: 'working' };
  await expect(page.getByText('Work in the background')).toHaveCount(0);
});
