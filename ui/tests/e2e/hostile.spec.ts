import { expect, expectAccessible, expectFits, test } from './harness/test';

/** Names that a file may have, and what is shown of them. */
const NAMES: [name: string, shown: RegExp][] = [
  ['<img src=x onerror=alert(1)>.md', /<img src=x onerror=alert\(1\)>\.md/],
  ['walrus\u202Efdp.md', /walrus.fdp\.md/],
  [`${'long-name-'.repeat(20)}.md`, /long-name-long-name-/],
  ['a "quoted" & ‘odd’ name.md', /a "quoted" & ‘odd’ name\.md/],
];

test('names of files are shown as names, whatever they are', async ({ ambit: page, installation: { host } }) => {
  test.setTimeout(180_000);
  page.on('dialog', () => expect.soft(false, 'a name became a script').toBe(true));
  const folder = `${host.home}/Zoo`;
  for (const [name] of NAMES) {
    await host.write(`Zoo/${name}`, `# ${name}\n\nThe walrus eats forty kilograms of mussels a day, says ${name}.\n`);
  }
  await host.run('index', 'add', folder, '--wait');
  try {
    await page.getByRole('textbox', { name: 'Question' }).fill('How many mussels does the walrus eat a day?');
    await page.keyboard.press('Enter');
    const answer = page.getByRole('article').last();
    await expect(answer.getByRole('button', { name: 'Copy answer' })).toBeVisible();
    await expect(answer.locator('img')).toHaveCount(0);
    expect(await answer.innerText()).not.toContain('\u202E');
    await answer
      .getByRole('button', { name: /^Source 1/ })
      .first()
      .click();
    const source = page.getByRole('complementary', { name: 'Source' });
    await expect(source).toContainText('mussels');
    expect(await source.innerText()).not.toContain('\u202E');
    await expect(source.locator('img')).toHaveCount(0);
    await expectAccessible(page);
    await expectFits(page);
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('walrus mussels');
    for (const [, shown] of NAMES) await expect(page.getByRole('option', { name: shown }).first()).toBeVisible();
    expect(await page.getByRole('listbox').innerText()).not.toContain('\u202E');
    await page.keyboard.press('Escape');
    for (const [view, heading] of [
      ['index', 'Index'],
      ['activity', 'Activity'],
    ] as const) {
      await page.evaluate((to) => (location.hash = `#/${to}`), view);
      await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
      await expect(
        page
          .locator('#page')
          .getByText(/Zoo|mussels|session/i)
          .first(),
      ).toBeVisible();
      expect(await page.locator('#page').innerText(), view).not.toContain('\u202E');
      await expect(page.locator('#page img')).toHaveCount(0);
    }
  } finally {
    await host.run('index', 'remove', folder);
  }
});
