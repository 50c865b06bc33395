import { asApp, asked, say } from './harness/app';
import { MODEL, ModelServer } from './harness/model_server';
import { expect, expectAccessible, expectFits, test } from './harness/test';

const SELECTED = { text: 'the harbor master writed down evry ship', isCut: false, isCopied: false, canPaste: true };

for (const scheme of ['light', 'dark'] as const) {
  test(`the launcher works on what is selected, ${scheme}`, async ({ page, installation: { host, token } }) => {
    test.setTimeout(120_000);
    const server = await ModelServer.start();
    try {
      await host.run(...server.arguments);
      const headers = { Authorization: `Bearer ${token}` };
      await fetch(`${host.address}/v1/providers/cloud/consent`, { method: 'PUT', headers });
      await host.run('settings', 'set', 'models.language', MODEL);
      await page.setViewportSize({ width: 680, height: 460 });
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await asApp(page, host.address, token);
      await page.goto(`${host.address}/#/launcher`);
      const field = page.getByRole('combobox');
      await expect(field).toBeFocused();
      await expectAccessible(page);
      await expectFits(page);

      await say(page, { kind: 'selection', consent: 'ask', selected: null });
      await expect(page.getByRole('group', { name: 'What is selected elsewhere' })).toBeVisible();
      await expectAccessible(page);
      await expectFits(page);
      await page.getByRole('button', { name: 'Allow' }).click();
      await expect.poll(async () => (await asked(page)).map(({ command }) => command)).toContain('offer_selection');
      expect(await host.run('settings', 'get', 'desktop.selection')).toContain('allow');

      await say(page, { kind: 'selection', consent: 'allow', selected: SELECTED });
      const bar = page.getByRole('group', { name: 'Selected' });
      await expect(bar).toContainText('evry ship');
      await expect(bar).toContainText('on another machine');
      await expectAccessible(page);
      await expectFits(page);
      await bar.getByRole('button', { name: 'Fix' }).click();
      const paste = page.getByRole('button', { name: /^Put in its place/ });
      await expect(paste).toBeFocused();
      await expectAccessible(page);
      await expectFits(page);
      await paste.click();
      const pasted = (await asked(page)).find(({ command }) => command === 'paste');
      expect(pasted?.parameters['text']).toBeTruthy();

      await field.fill('boiler');
      await expect(page.getByRole('option', { name: /heating\.md/ }).first()).toBeVisible();
      await page.keyboard.press('Escape');
      expect((await asked(page)).map(({ command }) => command)).toContain('hide_launcher');
      await expect(field).toHaveValue('');
    } finally {
      await host.run('settings', 'unset', 'models.language');
      await host.run('settings', 'unset', 'desktop.selection');
      await host.run('providers', 'remove', 'cloud');
      server.stop();
    }
  });
}
