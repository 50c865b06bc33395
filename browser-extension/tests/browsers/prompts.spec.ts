import { expect, test, type Page } from '@playwright/test';
import { expectAccessible } from './accessible';
import { Browser } from './chromium';
import { ARTICLE } from './pages';
import { Site } from './site';

let site: Site;
let browser: Browser;

test.beforeAll(async () => {
  site = await Site.start({ '/hives': ARTICLE });
  browser = await Browser.start('http://127.0.0.1/*');
});

test.afterAll(async () => {
  await browser.stop();
  await site.stop();
});

test.beforeEach(() => browser.inBackground(() => chrome.storage.local.clear(), null));

async function view(panel: Page): Promise<void> {
  await panel.getByRole('button', { name: 'More about this page' }).click();
  await panel.getByRole('menuitem', { name: 'Own prompts…' }).click();
}

async function add(panel: Page, name: string, instruction: string): Promise<void> {
  await panel.getByRole('button', { name: 'New prompt' }).click();
  await panel.getByRole('textbox', { name: 'Name' }).fill(name);
  await panel.getByRole('textbox', { name: 'What is asked' }).fill(instruction);
  await panel.getByRole('button', { name: 'Save' }).click();
}

/** The ids of the own prompts that the browser's menu has an entry for, of those that are given. */
function inMenu(ids: string[]): Promise<string[]> {
  return browser.inBackground(async (ids) => {
    const known: string[] = [];
    for (const id of ids) {
      // There is no list of entries, but one that is not there cannot be changed.
      await chrome.contextMenus.update(`prompt.${id}`, {}).then(
        () => known.push(id),
        () => undefined,
      );
    }
    return known;
  }, ids);
}

function kept(): Promise<{ id: string; name: string; instruction: string }[]> {
  return browser.inBackground(async () => (await chrome.storage.local.get('prompts'))['prompts'] as never, null);
}

test('own prompts are written, ordered, changed, asked and removed', async () => {
  const page = await browser.open(`${site.address}/hives`);
  const panel = await browser.panel(page);
  await view(panel);
  await expect(panel.getByText('No own prompts yet')).toBeVisible();
  await add(panel, 'Queens', 'What is the queen of the second hive called?');
  await add(panel, 'Explain', 'Explain it to a child.');
  await expect(panel.getByRole('listitem')).toHaveCount(2);
  await expectAccessible(panel);
  const [queens, explain] = (await kept()).map(({ id }) => id) as [string, string];
  await expect.poll(() => inMenu([queens, explain])).toEqual([queens, explain]);

  await panel.getByRole('button', { name: 'Move up: Explain' }).click();
  await expect(panel.getByRole('listitem').first()).toContainText('Explain it to a child.');
  await expect(panel.getByRole('button', { name: 'Move down: Explain' })).toBeFocused();
  await panel.getByRole('button', { name: 'Change: Explain' }).click();
  await expectAccessible(panel);
  await panel.getByRole('textbox', { name: 'What is asked' }).fill('Say it in one word.');
  await panel.keyboard.press('Escape');
  expect((await kept()).map(({ instruction }) => instruction)).toEqual([
    'Explain it to a child.',
    'What is the queen of the second hive called?',
  ]);

  // One of the person's prompts may be called as an entry of the extension is.
  await panel.getByRole('button', { name: 'More about this page' }).click();
  await expect(panel.getByRole('menuitem', { name: 'Explain' })).toHaveCount(2);
  await panel.getByRole('menuitem', { name: 'Queens' }).click();
  const turn = panel.getByRole('article').last();
  await expect(turn).toContainText('What is the queen of the second hive called?');
  await expect(turn).toContainText('Theodora');

  await view(panel);
  await panel.getByRole('button', { name: 'Remove: Queens' }).click();
  await expectAccessible(panel);
  await panel.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(panel.getByRole('listitem')).toHaveCount(1);
  await expect.poll(() => inMenu([queens, explain])).toEqual([explain]);
});

test('an own prompt is chosen in the browser’s menu, for a page and for a selection', async () => {
  const page = await browser.open(`${site.address}/hives`);
  const panel = await browser.panel(page);
  await view(panel);
  await add(panel, 'Who & what', 'Who is called what?');
  await expect(panel.getByRole('listitem')).toHaveCount(1);
  const [prompt] = await kept();
  await browser.choose(page, { menuItemId: `prompt.${prompt?.id}`, selectionText: 'The drone is called Igor.' });
  const turn = panel.getByRole('article').last();
  await expect(turn).toContainText('Who is called what?');
  await expect(turn).toContainText('Igor');

  await browser.choose(page, { menuItemId: `prompt.${prompt?.id}` });
  await expect(panel.getByRole('article').last()).toContainText('The hives of the orchard.md');

  await browser.inBackground(() => chrome.storage.local.remove('prompts'), null);
  await browser.choose(page, { menuItemId: `prompt.${prompt?.id}` });
  await expect(panel.getByText('This prompt is not there any more.')).toBeVisible();
});

test('what is wrong with a prompt is told beside it', async () => {
  const panel = await browser.panel(await browser.open(`${site.address}/hives`));
  await view(panel);
  await add(panel, 'Bees', 'Ask about bees.');
  await add(panel, ' ', 'Ask about wasps.');
  const dialog = panel.getByRole('dialog');
  await expect(dialog.getByRole('alert')).toHaveText('Give the prompt a name.');
  await expectAccessible(panel);
  for (const [name, instruction, said] of [
    ['bees', 'Ask.', 'Another prompt has this name.'],
    ['x'.repeat(61), 'Ask.', 'The name is too long: at most 60 characters fit into a menu.'],
    ['Wasps', ' \n', 'Say what is to be asked.'],
    ['Wasps', 'x'.repeat(4001), 'This is too long to be asked at once: at most 4000 characters.'],
  ] as const) {
    await dialog.getByRole('textbox', { name: 'Name' }).fill(name);
    await dialog.getByRole('textbox', { name: 'What is asked' }).fill(instruction);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(dialog.getByRole('alert')).toHaveText(said);
    await expect(dialog.locator('[aria-invalid=true]')).toHaveCount(1);
  }
  expect((await kept()).map(({ name }) => name)).toEqual(['Bees']);
});

test('where the browser has no room, nothing is lost', async () => {
  const panel = await browser.panel(await browser.open(`${site.address}/hives`));
  await view(panel);
  await add(panel, 'Bees', 'Ask about bees.');
  await expect(panel.getByRole('listitem')).toHaveCount(1);
  await browser.inBackground(async () => {
    const most = chrome.storage.local.QUOTA_BYTES - (await chrome.storage.local.getBytesInUse()) - 64;
    await chrome.storage.local.set({ filler: 'x'.repeat(most) });
  }, null);
  await add(panel, 'Wasps', 'Ask about wasps.'.repeat(10));
  await expect(panel.getByRole('dialog').getByRole('alert')).toContainText('The browser has no room left');
  await expect(panel.getByRole('textbox', { name: 'Name' })).toHaveValue('Wasps');
  expect((await kept()).map(({ name }) => name)).toEqual(['Bees']);
  await browser.inBackground(() => chrome.storage.local.remove('filler'), null);
  await panel.getByRole('button', { name: 'Save' }).click();
  await expect(panel.getByRole('listitem')).toHaveCount(2);
});

test('windows that change prompts at the same time lose none', async () => {
  const page = await browser.open(`${site.address}/hives`);
  const panels = [await browser.panel(page), await browser.panel(page)];
  for (const panel of panels) await view(panel);
  for (const [at, panel] of panels.entries()) {
    await panel.getByRole('button', { name: 'New prompt' }).click();
    await panel.getByRole('textbox', { name: 'Name' }).fill(`Prompt ${at}`);
    await panel.getByRole('textbox', { name: 'What is asked' }).fill('Ask.');
  }
  await Promise.all(panels.map((panel) => panel.getByRole('button', { name: 'Save' }).click()));
  for (const panel of panels) await expect(panel.getByRole('listitem')).toHaveCount(2);
});
