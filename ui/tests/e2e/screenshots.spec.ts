// Each main view in light and dark: looked over by axe, and pictured for the documentation by `npm run screenshots`.
import { mkdir, stat } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { holdOver, paste } from './harness/drop';
import { GARDEN } from './harness/files';
import { ModelServer, MODEL } from './harness/model_server';
import { picture } from './harness/picture';
import { ask, beginChat, expect, expectAccessible, test } from './harness/test';
import { VIEWS, visit } from './harness/views';

const FOLDER = process.env['AMBIT_SCREENSHOTS'] ?? 'test-results/screenshots';
const LARGEST = 150 * 1024;

test.use({ viewport: { width: 1160, height: 640 } });

test.beforeAll(async ({ installation }) => {
  await mkdir(FOLDER, { recursive: true });
  await installation.host.run('memory', 'add', 'The weekly copy is kept at Jana’s house in the next village');
  await installation.host.run('memory', 'add', '--preference', 'I prefer short answers with the command first');
  const local = ['--kind', 'ollama', '--url', 'http://localhost:11434', '--model', 'llama3.2'];
  await installation.host.run('providers', 'add', 'ollama', ...local);
});

const SOIL =
  '# Soil of the beds\n\nThe bed behind the house has loam; lime is spread on it every third autumn, last in 2025.\n';

/** Whether there is something to tidy up: a test that failed before has told why. */
let hasGarden = false;

test.afterAll(async ({ installation }) => {
  await installation.host.run('providers', 'remove', 'ollama');
  if (hasGarden) await installation.host.run('index', 'remove', `${installation.host.home}/Garden`);
});

/** Shows the scratch home of the tests as a person's own, also where the tests have to keep it elsewhere. */
async function showHome(page: Page, home: string): Promise<void> {
  await page.route('**/v1/**', async (route) => {
    // What streams for as long as one looks would never be there as a whole.
    if (route.request().url().includes('/events')) return route.fulfill({ status: 503, body: '' });
    // What the page was shown it tells the host as it is.
    const asked = route.request().postData()?.replaceAll('/home/ada', home);
    const answer = await route.fetch(asked === undefined ? {} : { postData: asked });
    const body = (await answer.text()).replaceAll(home, '/home/ada');
    return route.fulfill({ response: answer, body });
  });
}

for (const scheme of ['light', 'dark'] as const) {
  const taken = async (page: Page, name: string): Promise<void> => {
    await expectAccessible(page);
    const path = `${FOLDER}/${name}-${scheme}.png`;
    await page.screenshot({ path, animations: 'disabled' });
    expect((await stat(path)).size, `the size of ${path}`).toBeLessThanOrEqual(LARGEST);
  };

  test(`the views, ${scheme}`, async ({ ambit: page, installation }) => {
    test.setTimeout(300_000);
    await showHome(page, installation.host.home);
    await page.reload();
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await expect(page.getByRole('navigation')).toContainText('Ready');
    await taken(page, 'new-chat');
    for (const question of ['Who services the boiler?', 'When is the flat in Lisbon booked?']) {
      await beginChat(page);
      await ask(page, question);
    }
    await beginChat(page);
    await ask(page, 'How long are backups of the databases kept?');
    await page
      .getByRole('button', { name: /^Source 1/ })
      .first()
      .click();
    await expect(page.getByRole('region', { name: 'Cited passage' }).first()).toBeVisible();
    await taken(page, 'chat');
    await page.getByRole('button', { name: 'Close source' }).click();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('backup');
    await expect(page.getByRole('option', { name: /backup\.py/ }).first()).toBeVisible();
    await taken(page, 'palette');
    await page.keyboard.press('Escape');
    for (const view of VIEWS) {
      await visit(page, view);
      await taken(page, view.view);
    }
    for (const [name, content] of Object.entries(GARDEN)) await installation.host.write(name, content);
    hasGarden = true;
    await installation.host.run('index', 'add', `${installation.host.home}/Garden`, '--wait');
    await page.evaluate(() => (location.hash = '#/memory/knowledge'));
    await page.getByRole('link', { name: 'The garden', exact: true }).click();
    await page.locator('svg .node.middle').scrollIntoViewIfNeeded();
    await page.locator('.drawing').evaluate((drawing) => drawing.scrollIntoView({ block: 'end' }));
    await taken(page, 'graph');
    await page.setViewportSize({ width: 360, height: 700 });
    await page.getByRole('button', { name: 'Open navigation' }).click();
    await page.getByRole('navigation').getByRole('link', { name: 'How long are backups' }).first().click();
    await expect(page.getByRole('article')).toContainText('databases');
    await taken(page, 'narrow');
  });

  test(`what a question is about, and what is sent of it, ${scheme}`, async ({
    ambit: page,
    installation: { host, token },
  }) => {
    test.setTimeout(180_000);
    const server = await ModelServer.start();
    try {
      await host.run(...server.arguments);
      await host.run('providers', 'allow', 'cloud', `${host.documents}/Household`);
      const headers = { Authorization: `Bearer ${token}` };
      await fetch(`${host.address}/v1/providers/cloud/consent`, { method: 'PUT', headers });
      await showHome(page, host.home);
      await page.reload();
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      const question = page.getByRole('textbox', { name: 'Question' });
      const about = page.getByRole('list', { name: 'What the question is about' });
      const drop = await holdOver(page, { 'soil.md': SOIL });
      await drop();
      await expect(about.getByRole('button', { name: 'Attachment: soil.md' })).toBeVisible();
      await ask(page, 'When was lime last spread on the bed?');
      await expect(page.getByRole('article')).toContainText('last in 2025');

      await page.getByRole('button', { name: /^Choose who answers/ }).click();
      await page.getByRole('menuitemradio', { name: MODEL }).click();
      await question.focus();
      await paste(page, 'bed.png', 'image/png', await picture(page));
      await expect(about.last().getByRole('button', { name: 'Attachment: bed.png' })).toBeVisible();
      await expect(about.last().locator('img')).toBeVisible();
      await page.keyboard.type('@heat');
      await page.keyboard.press('Enter');
      await expect(about.last().getByRole('button', { name: 'File: heating.md' })).toBeVisible();
      await page.keyboard.type('What do they say of @h');
      await expect(page.getByRole('option').first()).toBeVisible();
      await taken(page, 'attachments');

      await page.keyboard.press('Escape');
      await about.last().getByRole('button', { name: 'Remove: bed.png' }).click();
      await question.fill('Who services the boiler, and when?');
      await page.getByRole('button', { name: 'See what is sent' }).click();
      await expect(page.getByRole('group', { name: 'Messages, word for word' })).toContainText('Brandt');
      await taken(page, 'sending');
      await page.keyboard.press('Escape');
      await about.last().getByRole('button', { name: 'Remove: heating.md' }).click();
      await question.fill('');
    } finally {
      server.stop();
      await host.run('providers', 'remove', 'cloud');
    }
  });
}
