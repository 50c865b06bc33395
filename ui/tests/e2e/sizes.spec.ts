import { ask, expect, expectAccessible, expectFits, test } from './harness/test';
import { VIEWS, visit } from './harness/views';

const SIZES = {
  '360 px wide': { width: 360, height: 640 },
  // At 200 % of 1280 by 800, the page has half as much room.
  '200 % zoom': { width: 640, height: 400 },
};

test.beforeAll(async ({ installation: { host } }) => {
  const address = 'https://a-server-of-language-models-with-a-very-long-name.example/openai/v1';
  await host.run(
    'providers',
    'add',
    'elsewhere',
    '--kind',
    'openai',
    '--url',
    address,
    '--model',
    'a-large-model-instruct',
  );
  await host.run('providers', 'allow', 'elsewhere', host.documents);
  await host.run('memory', 'add', 'Die Wohngebäudeversicherungsbeitragsrechnung liegt im Ordner des Vorjahres');
});

test.afterAll(async ({ installation: { host } }) => {
  await host.run('providers', 'remove', 'elsewhere');
});

for (const [name, viewport] of Object.entries(SIZES)) {
  test(`every view can be used at ${name}`, async ({ ambit: page }) => {
    test.setTimeout(180_000);
    await page.setViewportSize(viewport);
    await ask(page, 'Was kostet die Wohngebäudeversicherung?');
    await expectFits(page);
    await expectAccessible(page);
    await page
      .getByRole('button', { name: /^Source/ })
      .first()
      .click();
    await expect(page.getByRole('complementary', { name: 'Source' })).toBeVisible();
    await expectFits(page);
    await page.getByRole('button', { name: 'Close source' }).click();

    await page.getByRole('button', { name: 'Open navigation' }).click();
    await page.getByRole('navigation').getByRole('link', { name: 'Index' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Index' })).toBeVisible();
    await expect(page.getByRole('navigation')).toBeHidden();
    for (const view of VIEWS) {
      await visit(page, view);
      await expectFits(page);
      await expectAccessible(page);
    }
  });
}

test('menus stay on the page at 360 px wide, whatever opens them', async ({ ambit: page }) => {
  await page.setViewportSize(SIZES['360 px wide']);
  await ask(page, 'Brandt?');
  await page.getByRole('main').getByRole('button', { name: 'Actions for Brandt?' }).click();
  await expect(page.getByRole('menuitem', { name: 'Export as Markdown' })).toBeInViewport({ ratio: 1 });
  await expectFits(page);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Edit question' }).click();
  await expect(page.getByRole('textbox', { name: 'Edit question' })).toBeInViewport({ ratio: 1 });
  await expectFits(page);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Edit question' })).toBeFocused();
  await page.getByRole('button', { name: /^Choose who answers/ }).click();
  await expect(page.getByRole('menuitem', { name: 'Manage models' })).toBeInViewport({ ratio: 1 });
  await expectFits(page);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Open navigation' }).click();
  await page.getByRole('navigation').getByRole('button', { name: 'Actions for Brandt?' }).first().click();
  await expect(page.getByRole('menuitem', { name: 'Delete' })).toBeInViewport({ ratio: 1 });
  await expectFits(page);
});
