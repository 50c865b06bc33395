import { AmbitHost } from './harness/host';
import { expect, expectAccessible, expectFits, test, watch } from './harness/test';

test('the first steps: a folder and a model, each optional', async ({ page }) => {
  test.setTimeout(180_000);
  const host = await AmbitHost.create();
  try {
    await host.start();
    const problems = watch(page, host.address);
    await page.goto(await host.link());
    await expect(page.getByRole('heading', { level: 1, name: 'Welcome to Ambit' })).toBeVisible();
    await expectAccessible(page);
    await expectFits(page);
    await expect(page.getByRole('button', { name: 'Skip' })).toBeVisible();
    await page.getByRole('textbox', { name: 'Folder' }).fill(host.documents);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('listitem').filter({ hasText: host.documents })).toBeVisible();
    await expect(page.getByText('Best for this machine')).toHaveCount(1);
    await expect(page.getByRole('button', { name: /^Download Qwen/ }).first()).toBeVisible();
    const network = page.getByRole('switch', { name: /^Use the network/ });
    await expect(network).toBeChecked();
    await network.click();
    await expect(network).not.toBeChecked();
    await page.getByRole('button', { name: 'Start' }).click();
    await expect(page.getByText('What would you like to know?')).toBeVisible();
    await page.reload();
    await expect(page.getByText('What would you like to know?')).toBeVisible();
    expect(problems).toEqual([]);
  } finally {
    await host.remove();
  }
});
