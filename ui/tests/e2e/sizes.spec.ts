import { ask, expect, expectAccessible, expectFits, test } from './harness/test';

const VIEWS = ['index', 'memory', 'models', 'providers', 'activity', 'settings', 'welcome'];

const SIZES = {
  '360 px wide': { width: 360, height: 640 },
  // At 200 % of 1280 by 800, the page has half as much room.
  '200 % zoom': { width: 640, height: 400 },
};

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
      await page.evaluate((where) => (location.hash = `#/${where}`), view);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expect(page.getByRole('main')).not.toBeEmpty();
      await page.waitForLoadState('networkidle').catch(() => undefined);
      await expectFits(page);
      await expectAccessible(page);
    }
  });
}
