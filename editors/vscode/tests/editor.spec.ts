import { chat, expect, open, run, shown, status, test } from './harness/test';

const SHOTS = process.env['TRY'] ?? 'test-results';

test('what follows is suggested, and Tab takes it', async ({ code }) => {
  await open(code, 'report.py', 6);
  await code.keyboard.press('Enter');
  await code.keyboard.type('total = ');
  await expect(code.locator('.ghost-text-decoration').first()).toBeVisible();
  await code.screenshot({ path: `${SHOTS}/ghost.png` });
  await code.keyboard.press('Tab');
  await code.screenshot({ path: `${SHOTS}/accepted.png` });
});

test('chat', async ({ code }) => {
  await run(code, 'Ambit: Open the Chat');
  await code.waitForTimeout(6000);
  await code.screenshot({ path: `${SHOTS}/chat.png` });
});
