import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { Browser } from './chromium';
import { ARTICLE } from './pages';
import { Site } from './site';

let site: Site;
let browser: Browser;

test.beforeAll(async () => {
  site = await Site.start({ '/hives': ARTICLE });
  browser = await Browser.start('http://127.0.0.1/*');
  // As in a browser from Flatpak or Snap, which can start no program of the system.
  await browser.forget();
});

test.afterAll(async () => {
  await browser.stop();
  await site.stop();
});

test('a browser that can start no program is paired by a link, until one takes that back', async () => {
  const page = await browser.open(`${site.address}/hives`);
  const panel = await browser.panel(page);
  await expect(panel.getByText(/Install Ambit, run/)).toBeVisible();
  await panel.getByRole('button', { name: 'Pair…' }).click();
  const link = panel.getByRole('textbox', { name: 'Link' });
  const pair = panel.getByRole('button', { name: 'Pair', exact: true });
  await link.fill('https://evil.example/#code=1');
  await pair.click();
  await expect(panel.getByText(/This is no link of/)).toBeVisible();
  const { violations } = await new AxeBuilder({ page: panel }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);

  const first = (await browser.host.run('browser', 'pair')).trim();
  await link.fill(first);
  await pair.click();
  await expect(panel.getByText(/Install Ambit, run/)).toBeHidden();
  await panel.getByRole('button', { name: 'Ask about this page' }).click();
  const attached = panel.getByRole('button', { name: 'Attachment: The hives of the orchard.md' });
  await expect(attached).toBeVisible();
  await panel.getByRole('textbox', { name: 'Question' }).fill('What is the queen of the second hive called?');
  await panel.keyboard.press('Enter');
  await expect(panel.getByRole('article').last()).toContainText('Theodora');

  // The link has been used; the browser stays paired, also after it was started again.
  await browser.restart();
  const again = await browser.panel(await browser.open(`${site.address}/hives`));
  await again.getByRole('button', { name: 'Open navigation' }).click();
  await expect(again.getByRole('navigation', { name: 'Chats' })).toContainText('What is the queen');
  await again.keyboard.press('Escape');

  const [paired] = await tokens();
  expect(paired?.scopes).toEqual(['read', 'chat', 'save']);
  await browser.host.run('token', 'revoke', paired?.id ?? '');
  await again.reload();

  await again.getByRole('button', { name: 'Forget the pairing' }).click();
  await expect(again.getByText(/Install Ambit, run/)).toBeVisible();
  await again.getByRole('button', { name: 'Pair…' }).click();
  await again.getByRole('textbox', { name: 'Link' }).fill(first);
  await again.getByRole('button', { name: 'Pair', exact: true }).click();
  await expect(again.getByText(/This code is not valid/)).toBeVisible();

  // One that is forgotten here is over at the host as well.
  await again.getByRole('textbox', { name: 'Link' }).fill((await browser.host.run('browser', 'pair')).trim());
  await again.getByRole('button', { name: 'Pair', exact: true }).click();
  await expect(again.getByText(/Install Ambit, run/)).toBeHidden();
  expect(await tokens()).toHaveLength(1);
  await again.getByRole('button', { name: 'More about this page' }).click();
  await again.getByRole('menuitem', { name: 'Forget the pairing' }).click();
  await expect.poll(tokens).toEqual([]);
});

/** The tokens of extensions that the host knows. */
async function tokens(): Promise<Token[]> {
  const listed = JSON.parse(await browser.host.run('--json', 'token', 'list')) as { tokens: Token[] };
  return listed.tokens.filter((token) => token.name === 'extension of a browser');
}

interface Token {
  id: string;
  name: string;
  scopes: string[];
}
