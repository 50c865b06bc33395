// Each main view in light and dark: looked over by axe, and pictured for the documentation by `npm run screenshots`.
import { mkdir, stat } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { ask, expect, expectAccessible, test } from './harness/test';

const FOLDER = process.env['AMBIT_SCREENSHOTS'] ?? 'test-results/screenshots';
const LARGEST = 150 * 1024;

/** What each view shows once it is all there. */
const VIEWS: [name: string, heading: string, ready: (page: Page) => Promise<void>][] = [
  ['index', 'Index', (page) => expect(page.getByText('is damaged')).toBeVisible()],
  ['memory', 'Memory', (page) => expect(page.getByText('Jana')).toBeVisible()],
  ['models', 'Models', (page) => expect(page.getByText('all-MiniLM-L6-v2')).toBeVisible()],
  ['activity', 'Activity', (page) => expect(page.getByRole('table')).toBeVisible()],
  ['settings', 'Settings', (page) => expect(page.getByText('network.offline')).toBeVisible()],
  ['welcome', 'Welcome to Ambit', (page) => expect(page.getByText('Installed: files are found')).toBeVisible()],
];

test.use({ viewport: { width: 1160, height: 640 } });

test.beforeAll(async ({ installation }) => {
  await mkdir(FOLDER, { recursive: true });
  await installation.host.run('memory', 'add', 'The weekly copy is kept at Jana’s house in the next village');
  await installation.host.run('memory', 'add', '--preference', 'I prefer short answers with the command first');
});

for (const scheme of ['light', 'dark'] as const) {
  const taken = async (page: Page, name: string): Promise<void> => {
    await expectAccessible(page);
    const path = `${FOLDER}/${name}-${scheme}.png`;
    await page.screenshot({ path, animations: 'disabled' });
    expect((await stat(path)).size, `the size of ${path}`).toBeLessThanOrEqual(LARGEST);
  };

  test(`the views, ${scheme}`, async ({ ambit: page, installation }) => {
    test.setTimeout(300_000);
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await expect(page.getByRole('navigation')).toContainText('Ready');
    await taken(page, 'new-chat');
    for (const question of ['Who services the boiler?', 'When is the flat in Lisbon booked?']) {
      await page.getByRole('link', { name: 'New chat' }).click();
      await ask(page, question);
    }
    await page.getByRole('link', { name: 'New chat' }).click();
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
    for (const [view, heading, ready] of VIEWS) {
      await page.evaluate((where) => (location.hash = `#/${where}`), view);
      await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
      await ready(page);
      await taken(page, view);
    }
    const known = JSON.parse(await installation.host.get('/v1/openapi.json', installation.token)) as { paths: object };
    if ('/v1/providers' in known.paths) {
      await page.evaluate(() => (location.hash = '#/providers'));
      await expect(page.getByText('No server is added')).toBeVisible();
      await taken(page, 'providers');
    }
    await page.setViewportSize({ width: 360, height: 700 });
    await page.getByRole('button', { name: 'Open navigation' }).click();
    await page.getByRole('navigation').getByRole('link', { name: 'How long are backups' }).first().click();
    await expect(page.getByRole('article')).toContainText('databases');
    await taken(page, 'narrow');
  });
}
