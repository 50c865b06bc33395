import { expect, test } from '@playwright/test';
import { Browser } from './chromium';
import { APIARY, ARTICLE, CHANGED_WINTER, FORM, TABLE, WINTER } from './pages';
import { Site } from './site';

const FOLDER = process.env['AMBIT_SCREENSHOTS'] ?? 'test-results/screenshots';

let site: Site;
let browser: Browser;

test.beforeAll(async () => {
  site = await Site.start({
    '/hives': ARTICLE,
    '/order': FORM,
    '/harvest': TABLE,
    '/winter': WINTER,
    '/apiary': APIARY,
  });
  browser = await Browser.start('http://127.0.0.1/*');
  const prompts = [
    { id: '1', name: 'Arguments', instruction: 'Make a list of the arguments, for and against.' },
    { id: '2', name: 'In one sentence', instruction: 'Say in one sentence what this is about.' },
  ];
  await browser.inBackground((prompts) => chrome.storage.local.set({ prompts }), prompts);
  for (const text of ['First name: Ada', 'Last name: Lovelace', 'My email address is ada@example.org'])
    await browser.host.run('memory', 'add', text);
  await browser.host.write(
    'Notes/Hives.md',
    '# Hives\n\nThe hives of the orchard were painted green by Edmund in 2019.\n',
  );
  await browser.host.run('index', 'add', `${browser.host.home}/Notes`, '--wait');
  for (const path of ['/apiary', '/winter']) {
    const panel = await browser.panel(await browser.open(site.address + path));
    await panel.getByRole('button', { name: 'More about this page' }).click();
    await panel.getByRole('menuitem', { name: 'Save this page' }).click();
    await expect(panel.getByText(/^Saved: /)).toBeVisible();
  }
  site.change('/winter', CHANGED_WINTER);
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
    await harvest.getByRole('menuitem', { name: 'Tables, lists and facts…' }).click();
    await expect(harvest.getByRole('region', { name: 'Honey by hive' })).toBeVisible();
    await harvest.screenshot({ path: `${FOLDER}/panel-tables-${scheme}.png`, animations: 'disabled' });

    const winter = await browser.panel(await browser.open(`${site.address}/winter`));
    await winter.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await winter.getByRole('button', { name: 'What do I have on this?' }).click();
    await winter.getByText('What is new').click();
    await expect(winter.getByText('painted green by Edmund')).toBeVisible();
    await winter.screenshot({ path: `${FOLDER}/panel-related-${scheme}.png`, animations: 'disabled' });
    const other = await browser.open(`${site.address}/hives`);
    await browser.beside(`${site.address}/harvest`);
    await browser.beside(`${site.address}/order`);
    const several = await browser.panel(other);
    await several.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await several.getByRole('button', { name: 'More about this page' }).click();
    await several.getByRole('menuitem', { name: 'Compare tabs…' }).click();
    await several.getByRole('checkbox', { name: /^Harvest/ }).check();
    await several.screenshot({ path: `${FOLDER}/panel-tabs-${scheme}.png`, animations: 'disabled' });
    await several.getByRole('button', { name: 'More about this page' }).click();
    await several.getByRole('menuitem', { name: 'Own prompts…' }).click();
    await expect(several.getByRole('listitem')).toHaveCount(2);
    await several.screenshot({ path: `${FOLDER}/panel-prompts-${scheme}.png`, animations: 'disabled' });
  });
}
