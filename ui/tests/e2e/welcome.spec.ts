import { AmbitHost, freePort } from './harness/host';
import { PageServer } from './harness/page_server';
import { expect, expectAccessible, expectFits, SCOPES, test, watch } from './harness/test';

test('the first steps: a folder and a model, each optional', async ({ page }) => {
  test.setTimeout(180_000);
  const port = await freePort();
  const host = await AmbitHost.create(`http://127.0.0.1:${port}`);
  const server = new PageServer(port, () => host.address);
  try {
    await Promise.all([host.start(), server.start()]);
    const problems = watch(page, server.origin);
    await page.goto(`${server.origin}/#token=${await host.token(...SCOPES)}`);
    await expect(page.getByRole('heading', { level: 1, name: 'Welcome to Ambit' })).toBeVisible();
    await expectAccessible(page);
    await expectFits(page);
    await expect(page.getByRole('button', { name: 'Skip' })).toBeVisible();
    await page.getByRole('textbox', { name: 'Folder' }).fill(host.documents);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('listitem').filter({ hasText: host.documents })).toBeVisible();
    await page.getByRole('button', { name: 'Start' }).click();
    await expect(page.getByText('What would you like to know?')).toBeVisible();
    await page.reload();
    await expect(page.getByText('What would you like to know?')).toBeVisible();
    expect(problems).toEqual([]);
  } finally {
    server.stop();
    await host.remove();
  }
});
