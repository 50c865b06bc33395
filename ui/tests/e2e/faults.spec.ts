import { AmbitHost } from './harness/host';
import { expect, expectAccessible, test } from './harness/test';

test('a settings file that cannot be read is set aside, and the page says so', async ({ page }) => {
  test.setTimeout(120_000);
  const host = await AmbitHost.create();
  try {
    await host.write('.config/ambit/settings.toml', '[network\noffline = maybe');
    await host.start();
    await page.goto(await host.link());
    await expect(page.getByRole('alert').filter({ hasText: 'is no TOML' })).toBeVisible();
    const aside = page.getByRole('alert').filter({ hasText: 'was set aside as' });
    await expect(aside).toContainText('settings.toml.unreadable-1');
    await expectAccessible(page);
    await aside.getByRole('button', { name: 'Close' }).click();
    await expect(aside).toHaveCount(0);
  } finally {
    await host.remove();
  }
});
