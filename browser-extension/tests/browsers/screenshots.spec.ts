import { expect, test } from '@playwright/test';
import { Browser } from './chromium';
import { ARTICLE, FORM, TABLE } from './pages';
import { Site } from './site';

const FOLDER = process.env['AMBIT_SCREENSHOTS'] ?? 'test-results/screenshots';

let site: Site;
let browser: Browser;

test.beforeAll(async () => {
  site = await Site.start({ '/hives': ARTICLE, '/order': FORM, '/harvest': TABLE });
  browser = await Browser.start('http://127.0.0.1/*');
  for (const text of ['First name: Ada', 'Last name: Lovelace', 'My email address is ada@example.org'])
    await browser.host.run('memory', 'add', text);
});

test.afterAll(async () => {
  await browser.stop();
  await site.stop();
});

for (const scheme of ['light', 'dark'] as const) {
  test(`the panel beside a page, ${scheme}`, async () => {
    const hives = await browser.open(`${site.address}/hives`);
    const panel = await browser.panel(hives);
    const taken = (name: string): Promise<Buffer> =>
      panel.screenshot({ path: `${FOLDER}/panel-${name}-${scheme}.png`, animations: 'disabled' });
    await panel.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await panel.getByRole('button', { name: 'Ask about this page' }).click();
    await expect(panel.getByRole('button', { name: 'Attachment: The hives of the orchard.md' })).toBeVisible();
    await panel.getByRole('textbox', { name: 'Question' }).fill('What is the queen of the second hive called?');
    await panel.keyboard.press('Enter');
    await expect(panel.getByRole('article').last().getByRole('button', { name: 'Copy answer' })).toBeVisible();
    await taken('chat');
    await panel.getByRole('button', { name: 'More about this page' }).click();
    await taken('menu');

    const order = await browser.panel(await browser.open(`${site.address}/order`));
    await order.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await order.getByRole('button', { name: 'More about this page' }).click();
    await order.getByRole('menuitem', { name: 'Fill in a form…' }).click();
    await expect(order.getByText('My email address is ada@example.org')).toBeVisible();
    await order.screenshot({ path: `${FOLDER}/panel-form-${scheme}.png`, animations: 'disabled' });

    const harvest = await browser.panel(await browser.open(`${site.address}/harvest`));
    await harvest.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await harvest.getByRole('button', { name: 'More about this page' }).click();
    await harvest.getByRole('menuitem', { name: 'Tables and lists…' }).click();
    await expect(harvest.getByRole('region', { name: 'Honey by hive' })).toBeVisible();
    await harvest.screenshot({ path: `${FOLDER}/panel-tables-${scheme}.png`, animations: 'disabled' });
  });
}
