// Chats of other services, taken in from a file.
import { join } from 'node:path';
import { expect, expectAccessible, expectFits, test } from './harness/test';

/** A chat as Claude exports it. */
function chat(uuid: string, name: string, turns: [question: string, answer: string][]): object {
  const message = (id: string, sender: string, text: string): object => ({
    uuid: id,
    sender,
    text,
    created_at: '2024-05-01T10:00:00Z',
  });
  const chat_messages = turns.flatMap(([question, answer], at) => [
    message(`q${at}`, 'human', question),
    message(`a${at}`, 'assistant', answer),
  ]);
  return { uuid, name, created_at: '2024-05-01T10:00:00Z', updated_at: '2024-05-01T10:05:00Z', chat_messages };
}

test('chats are imported once, and grow', async ({ ambit: page, installation: { host } }) => {
  const export_ = (turns: [string, string][]): string =>
    JSON.stringify([chat('u', 'Steeping tea', turns), { name: 'No chat' }]);
  await host.write('export/conversations.json', export_([['How long does tea steep?', 'Two minutes [1].']]));
  const file = join(host.home, 'export/conversations.json');

  await page.getByRole('navigation').getByRole('link', { name: 'Settings' }).click();
  const input = page.getByLabel('File with exported chats');
  await input.setInputFiles(file);
  await expect(page.getByText('1 new chat, 0 with something new, 0 already there, 1 left out.').first()).toBeVisible();
  await page.getByText('Why 1 was left out').click();
  await expect(page.getByText('No chat: it has the form of no export that is known')).toBeVisible();
  await expectAccessible(page);

  const link = page.getByRole('navigation').getByRole('link', { name: /Steeping tea/ });
  await expect(link).toContainText('Claude');
  await host.write(
    'export/conversations.json',
    export_([
      ['How long does tea steep?', 'Two minutes [1].'],
      ['And black tea?', 'Four.'],
    ]),
  );
  await input.setInputFiles(file);
  await expect(page.getByText('0 new chats, 1 with something new, 0 already there').first()).toBeVisible();
  await input.setInputFiles(file);
  await expect(page.getByText('0 new chats, 0 with something new, 1 already there').first()).toBeVisible();

  await link.click();
  await expect(page.getByRole('article')).toHaveCount(2);
  const first = page.getByRole('article').first();
  await expect(first).toContainText('How long does tea steep?');
  // A mark of another's making leads nowhere.
  await expect(first).toContainText('Two minutes [1].');
  await expect(first.getByRole('button', { name: /^Source/ })).toHaveCount(0);
  await expect(first).toContainText('Imported from Claude');
  await expect(first).not.toContainText('left this machine');
  await expectAccessible(page);
  await page.setViewportSize({ width: 360, height: 700 });
  await expectFits(page);
});

test('what is no export is refused, and says what to do', async ({ ambit: page, installation: { host } }) => {
  await host.write('export/notes.json', 'Dear diary');
  await page.getByRole('navigation').getByRole('link', { name: 'Settings' }).click();
  await page.getByLabel('File with exported chats').setInputFiles(join(host.home, 'export/notes.json'));
  await expect(page.getByRole('alert')).toContainText('neither a zip archive nor a list of chats');
  await expect(page.getByRole('alert')).toContainText('Give the zip archive that ChatGPT or Claude sent');
});
