import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { ask, expect, expectAccessible, test } from './harness/test';

const FOLDER = process.env['AMBIT_SCREENSHOTS'] ?? fileURLToPath(new URL('../../../docs/screenshots', import.meta.url));

/** What each view shows once it is all there. */
const VIEWS: [name: string, heading: string, ready: (page: Page) => Promise<void>][] = [
  ['index', 'Index', (page) => expect(page.getByText('Followed')).toBeVisible()],
  ['memory', 'Memory', (page) => expect(page.getByText('Jana')).toBeVisible()],
  ['models', 'Models', (page) => expect(page.getByText('all-MiniLM-L6-v2')).toBeVisible()],
  ['activity', 'Activity', (page) => expect(page.getByRole('table')).toBeVisible()],
  ['settings', 'Settings', (page) => expect(page.getByText('network.offline')).toBeVisible()],
];

test.beforeAll(async ({ installation }) => {
  await mkdir(FOLDER, { recursive: true });
  await installation.host.run('memory', 'add', 'The weekly copy is kept at Jana’s house in the next village');
  await installation.host.run('memory', 'add', '--preference', 'I prefer short answers with the command first');
});

for (const scheme of ['light', 'dark'] as const) {
  const taken = async (page: Page, name: string): Promise<void> => {
    await expectAccessible(page);
    await page.screenshot({ path: `${FOLDER}/${name}-${scheme}.png`, animations: 'disabled' });
  };

  test(`the views, ${scheme}`, async ({ ambit: page }) => {
    test.setTimeout(300_000);
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await ask(page, 'How do I renew a certificate?');
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
      await page.getByRole('navigation').getByRole('link', { name: heading }).click();
      await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
      await ready(page);
      await taken(page, view);
    }
  });
}
