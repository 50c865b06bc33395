import { ask, expect, test } from './harness/test';

test('the palette finds commands, chats and passages, by keyboard alone', async ({ ambit: page }) => {
  await page.keyboard.press('Control+k');
  const field = page.getByRole('combobox', { name: /^Search files/ });
  await expect(field).toBeFocused();
  await page.keyboard.type('go to sett');
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('option', { selected: true })).toHaveText('Go to Settings');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();

  await page.keyboard.press('Control+k');
  await page.keyboard.type('boiler pressure');
  const passage = page.getByRole('option', { name: /heating\.md/ }).first();
  await expect(passage).toBeVisible();
  // Chats that fit may stand before it.
  await expect(async () => {
    await page.keyboard.press('ArrowDown');
    await expect(passage).toHaveAttribute('aria-selected', 'true', { timeout: 100 });
  }).toPass();
  await page.keyboard.press('Enter');
  const source = page.getByRole('complementary', { name: 'Source' });
  await expect(source).toContainText('between 1.2 and 1.8 bar');
  await expect(source.getByRole('heading', { level: 2 })).toBeFocused();
  await page.keyboard.press('Escape');

  await page.keyboard.press('Control+k');
  await page.keyboard.type('When is the flat booked?');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('article')).toContainText('from the 9th to the 16th of May');
  await expect(page.getByRole('button', { name: 'Copy answer' })).toBeVisible();

  // What was answered is found again, though no title says it, and so is a single setting.
  const choose = async (words: string, option: RegExp): Promise<void> => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type(words);
    const found = page.getByRole('option', { name: option }).first();
    await expect(found).toBeVisible();
    await expect(async () => {
      await page.keyboard.press('ArrowDown');
      await expect(found).toHaveAttribute('aria-selected', 'true', { timeout: 100 });
    }).toPass();
    await page.keyboard.press('Enter');
  };
  await page.evaluate(() => (location.hash = '#/index'));
  await choose('16th MAY', /16th of May.*When is the flat booked/);
  await expect(page.getByRole('article')).toContainText('When is the flat booked?');
  await choose('launcher above any program', /desktop\.shortcut/);
  await expect(page.getByRole('listitem').filter({ hasText: 'desktop.shortcut' })).toBeVisible();
});

test('a chat is led by keyboard alone', async ({ ambit: page }) => {
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();

  const tabTo = async (name: RegExp | string, role: 'button' | 'textbox' | 'link'): Promise<void> => {
    const wanted = page.getByRole(role, { name }).last();
    for (let step = 0; step < 40; step += 1) {
      if (await wanted.evaluate((element) => element === document.activeElement)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`Tab never reached ${name}`);
  };
  await tabTo('Question', 'textbox');
  await page.keyboard.type('first line');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('How do I renew a certificate?');
  await expect(page.getByRole('textbox', { name: 'Question' })).toHaveValue(
    'first line\nHow do I renew a certificate?',
  );
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Copy answer' })).toBeVisible();
  await expect(page.getByRole('status').filter({ hasText: 'The answer is complete.' })).toBeAttached();
  // Focus has stayed where one types.
  await expect(page.getByRole('textbox', { name: 'Question' })).toBeFocused();
  await page.keyboard.press('Shift+Tab');
  for (let step = 0; step < 12; step += 1) {
    const name = await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '');
    if (name.startsWith('Source 1')) break;
    await page.keyboard.press('Shift+Tab');
  }
  await page.keyboard.press('Enter');
  await expect(page.getByRole('complementary', { name: 'Source' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: /^Source 1/ })).toBeFocused();

  // Menus: open, move, leave; the focus comes back.
  const actions = page.getByRole('main').getByRole('button', { name: /^Actions for/ });
  await actions.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitem', { name: 'Rename' })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('menuitem', { name: 'Pin' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(actions).toBeFocused();
});

test('what lies over the page holds the focus until it is closed', async ({ ambit: page }) => {
  await page.setViewportSize({ width: 600, height: 700 });
  await ask(page, 'How do I renew a certificate?');
  const isWithin = (selector: string): Promise<boolean> =>
    page.evaluate((wanted) => document.activeElement?.closest(wanted) !== null, selector);
  const holds = async (selector: string): Promise<void> => {
    for (let step = 0; step < 60; step += 1) {
      await page.keyboard.press('Tab');
      const isOnPage = await page.evaluate(() => document.activeElement !== document.body);
      if (isOnPage) expect(await isWithin(selector), `the focus after ${step + 1} steps`).toBe(true);
    }
  };
  const menu = page.getByRole('button', { name: 'Open navigation' });
  await menu.focus();
  await page.keyboard.press('Enter');
  expect(await isWithin('nav')).toBe(true);
  await holds('nav');
  await page.keyboard.press('Escape');
  await expect(menu).toBeFocused();

  const mark = page.getByRole('button', { name: /^Source 1/ }).first();
  await mark.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('complementary', { name: 'Source' }).getByRole('heading')).toBeFocused();
  await holds('aside');
  await page.keyboard.press('Escape');
  await expect(mark).toBeFocused();
});
