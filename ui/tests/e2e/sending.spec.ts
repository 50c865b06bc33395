import { ModelServer, MODEL } from './harness/model_server';
import { paste, PICTURE } from './harness/drop';
import { ask, beginChat, expect, expectAccessible, expectFits, test } from './harness/test';

let server: ModelServer;

test.beforeAll(async ({ installation: { host } }) => {
  server = await ModelServer.start();
  await host.run(...server.arguments);
  await host.run('settings', 'set', 'models.language', MODEL);
});

test.afterAll(async ({ installation: { host } }) => {
  await host.run('settings', 'unset', 'models.language');
  await host.run('providers', 'remove', 'cloud');
  server.stop();
});

test('what would leave the machine is shown word for word, with what is missing, and sent when one says so', async ({
  ambit: page,
  installation: { host },
}) => {
  const question = page.getByRole('textbox', { name: 'Question' });
  const show = page.getByRole('button', { name: 'See what is sent' });
  const dialog = page.getByRole('dialog', { name: 'What is sent' });
  await page.reload();
  await expect(show).toBeDisabled();
  await question.fill('When is the flat in Lisbon booked?');

  // Of folders that are not allowed, it gets nothing.
  await show.click();
  await expect(dialog).toContainText(`${MODEL} is not asked anything`);
  await expect(dialog).toContainText('held back');
  await expect(dialog.getByRole('link', { name: 'Folders of cloud' })).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(question).toHaveValue('When is the flat in Lisbon booked?');

  await host.run('providers', 'allow', 'cloud', `${host.documents}/Travel`);
  await show.click();
  await expect(dialog.getByRole('alert')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Send' })).toBeDisabled();
  await expectAccessible(page);
  await dialog.getByRole('link', { name: 'Consent under Providers' }).click();
  await page.getByRole('button', { name: 'Consent', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Consent', exact: true }).click();
  await expect(page.getByText('Consented', { exact: true })).toBeVisible();

  await beginChat(page);
  await show.click();
  const messages = dialog.getByRole('group', { name: 'Messages, word for word' });
  await expect(messages.getByRole('heading', { name: 'Instructions' })).toBeVisible();
  await expect(messages).toContainText('from the 9th to the 16th of May');
  await expect(messages).not.toContainText(host.home);
  await expect(dialog.getByRole('listitem')).toHaveText(['lisbon.md']);
  await expect(dialog).toContainText('Nothing has been sent yet');
  await dialog.getByRole('switch', { name: /^Always show this before sending/ }).click();
  await expect(dialog.getByRole('switch')).toBeChecked();
  await page.setViewportSize({ width: 360, height: 640 });
  await expectFits(page);
  await expectAccessible(page);
  await page.setViewportSize({ width: 1280, height: 800 });
  const shown = await messages.locator('pre').allTextContents();
  expect(server.came, 'until then nothing was sent').toEqual([]);
  await dialog.getByRole('button', { name: 'Send' }).click();
  await expect(page.getByRole('article').last()).toContainText('The note says so');
  await expect(page.getByRole('article').last()).toContainText('left this machine');
  const body = JSON.parse(server.came[0] ?? '{}') as { messages: { content: string }[] };
  // The marks around passages are new for each question.
  const plain = (text: string): string => text.replace(/passage-\w+/g, 'passage');
  expect(body.messages.map(({ content }) => plain(content))).toEqual(shown.map(plain));

  // From now on this chat shows it first, also after a reload.
  await page.reload();
  await question.fill('And in which quarter?');
  await page.keyboard.press('Enter');
  await expect(dialog).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Send' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(question).toHaveValue('And in which quarter?');
  await page.getByRole('button', { name: 'Ask again' }).click();
  await expect(dialog.getByRole('button', { name: 'Send' })).toBeEnabled();
  await dialog.getByRole('switch').click();
  await expect(dialog.getByRole('switch')).not.toBeChecked();
  await dialog.getByRole('button', { name: 'Send' }).click();
  await expect(page.getByRole('article')).toHaveCount(1);
  await expect.poll(() => server.came.length).toBe(2);
  await question.fill('');
});

test('an image and an attached file go to a model that takes images', async ({
  ambit: page,
  installation: { host, token },
}) => {
  const headers = { Authorization: `Bearer ${token}` };
  await fetch(`${host.address}/v1/providers/cloud/consent`, { method: 'PUT', headers });
  await page.reload();
  const question = page.getByRole('textbox', { name: 'Question' });
  await question.focus();
  await paste(page, 'bed.png', 'image/png', PICTURE);
  const about = page.getByRole('list', { name: 'What the question is about' });
  await expect(about.getByRole('button', { name: 'Attachment: bed.png' })).toBeVisible();
  await expect(page.getByText('takes no images')).toHaveCount(0);
  await question.fill('What is in the picture?');
  await page.getByRole('button', { name: 'See what is sent' }).click();
  await expect(page.getByRole('dialog', { name: 'What is sent' })).toContainText('1 image');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await ask(page, 'What is in the picture?');
  expect(server.came.at(-1)).toContain('data:image/png;base64,');
  const turn = page.getByRole('article').last();
  await expect(turn.locator('img')).toHaveJSProperty('naturalWidth', 1);
  await expectAccessible(page);
});
