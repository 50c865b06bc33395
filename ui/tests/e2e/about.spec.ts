import type { Page } from '@playwright/test';
import { holdOver, paste, PICTURE } from './harness/drop';
import { ask, beginChat, expect, expectAccessible, expectFits, test } from './harness/test';

const NOTE =
  '# Beehive\n\nThe queen of the second hive is called Theodora, and the honey is gathered in the last week of July.\n';

async function choose(page: Page, ...files: { name: string; content: string }[]): Promise<void> {
  await page.getByRole('button', { name: 'Attach or mention' }).last().click();
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('menuitem', { name: 'Attach files or images' }).click();
  const given = files.map(({ name, content }) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(content) }));
  await (await chooser).setFiles(given);
}

test('a file is attached and asked about; its answer cites it by its name, also after a reload', async ({
  ambit: page,
}) => {
  await choose(page, { name: 'beehive.md', content: NOTE });
  const about = page.getByRole('list', { name: 'What the question is about' });
  await expect(about.getByRole('button', { name: 'Attachment: beehive.md' })).toBeVisible();
  await expectAccessible(page);
  await ask(page, 'What is the queen of the second hive called?');
  const turn = page.getByRole('article').last();
  await expect(turn).toContainText('Theodora');
  await expect(turn.getByRole('button', { name: /^Source 1: beehive\.md, attached/ }).first()).toBeVisible();
  await page.reload();
  await expect(turn.getByRole('list', { name: 'What the question is about' })).toContainText('beehive.md');
  await turn.getByRole('button', { name: 'Attachment: beehive.md' }).click();
  const source = page.getByRole('complementary', { name: 'Source' });
  await expect(source).toContainText('Theodora');
  // Where the host keeps it is nobody's business.
  await expect(source).not.toContainText('attachments/');
  await expectAccessible(page);
  await page.keyboard.press('Escape');

  // It is found in this chat and in no other.
  await beginChat(page);
  await ask(page, 'What is the queen of the second hive called?');
  await expect(page.getByRole('article').last()).not.toContainText('Theodora');
});

test('files are dropped; one that cannot be read says why and keeps the question from being asked', async ({
  ambit: page,
}) => {
  const drop = await holdOver(page, { 'beehive.md': NOTE, 'empty.md': '' });
  await expect(page.getByText('Drop files or folders to ask about them')).toBeVisible();
  await expectAccessible(page);
  await drop();
  await expect(page.getByText('Drop files or folders to ask about them')).toHaveCount(0);
  const question = page.getByRole('textbox', { name: 'Question' });
  await expect(question).toBeFocused();
  const about = page.getByRole('list', { name: 'What the question is about' });
  await expect(about.getByRole('alert')).toContainText('is empty');
  await expect(about.getByRole('button', { name: 'Try again: empty.md' })).toBeVisible();
  await expectAccessible(page);
  await question.fill('When is the honey gathered?');
  await expect(page.getByRole('button', { name: 'Send' })).toBeDisabled();
  await about.getByRole('button', { name: 'Remove: empty.md' }).click();
  await expect(question).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('article').last()).toContainText('last week of July');
  await expect(about).toHaveCount(1);
});

test('things are mentioned by keyboard, and taken away again', async ({ ambit: page, installation: { host } }) => {
  await host.run('memory', 'add', 'The certificate of the summer house is renewed by hand');
  const question = page.getByRole('textbox', { name: 'Question' });
  await question.focus();
  await page.keyboard.type('What of @back');
  const options = page.getByRole('listbox', { name: 'Mention a file, folder or memory' }).getByRole('option');
  await expect(options.first()).toHaveAttribute('aria-selected', 'true');
  await expect(options.filter({ hasText: 'backups.md' })).toHaveCount(1);
  await expect(question).toHaveAttribute(
    'aria-activedescendant',
    await options.first().getAttribute('id').then(String),
  );
  await expectAccessible(page);
  while ((await options.filter({ hasText: 'backups.md' }).getAttribute('aria-selected')) !== 'true')
    await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(question).toHaveValue('What of ');
  const about = page.getByRole('list', { name: 'What the question is about' });
  await expect(about.getByRole('button', { name: 'File: backups.md' })).toBeVisible();

  await page.keyboard.type('it? @summer');
  await expect(options.first()).toContainText('The certificate of the summer house');
  await page.keyboard.press('Tab');
  await expect(about).toContainText('The certificate of the summer house is renewed by hand');
  await page.keyboard.type('@nobody-has-such-a-file');
  await expect(options).toHaveCount(0);
  await question.fill('@');
  await expect(options.first()).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(options).toHaveCount(0);
  await page.keyboard.press('Backspace');
  await page.keyboard.press('Backspace');
  await expect(about).not.toContainText('summer house');

  // What is chosen outlives the page, as what is typed does.
  await question.fill('How long are the databases kept?');
  await page.reload();
  await expect(about.getByRole('button', { name: 'File: backups.md' })).toBeVisible();
  await expect(question).toHaveValue('How long are the databases kept?');
  await question.press('Enter');
  const turn = page.getByRole('article').last();
  await expect(turn).toContainText('14 days');
  await expect(turn.getByRole('button', { name: /^Source 1: backups\.md/ }).first()).toBeVisible();
  await turn.getByRole('button', { name: 'File: backups.md' }).click();
  await expect(page.getByRole('complementary', { name: 'Source' })).toContainText('Restoring a file');
});

test('a question that is edited keeps what it is about, lets it be changed, and waits while one is elsewhere', async ({
  ambit: page,
}) => {
  await choose(page, { name: 'beehive.md', content: NOTE });
  await ask(page, 'When is the honey gathered?');
  const turn = page.getByRole('article').last();
  const chat = page.url();
  await turn.getByRole('button', { name: 'Edit question' }).click();
  const editor = page.getByRole('textbox', { name: 'Edit question' });
  await editor.fill('What is the queen called?');
  await expect(turn.getByRole('button', { name: 'Attachment: beehive.md' })).toBeVisible();
  await expectAccessible(page);
  await beginChat(page);
  await expect(editor).toHaveCount(0);
  await page.evaluate((address) => (location.href = address), chat);
  await expect(editor).toHaveValue('What is the queen called?');
  await page.reload();
  await expect(editor).toHaveValue('What is the queen called?');
  await editor.press('Enter');
  await expect(turn).toContainText('Theodora');
  await expect(turn.getByRole('button', { name: 'Attachment: beehive.md' })).toBeVisible();
  await turn.getByRole('button', { name: 'Edit question' }).click();
  await turn.getByRole('button', { name: 'Remove: beehive.md' }).click();
  await expect(editor).toBeFocused();
  await editor.fill('What pressure should the boiler have?');
  await editor.press('Enter');
  await expect(turn).toContainText('between 1.2 and 1.8 bar');
  await expect(turn.getByRole('list', { name: 'What the question is about' })).toHaveCount(0);
});

test('an image that nobody can be shown says so before it is sent, and the refusal as well', async ({
  ambit: page,
}) => {
  const question = page.getByRole('textbox', { name: 'Question' });
  await question.focus();
  await paste(page, 'bed.png', 'image/png', PICTURE);
  const about = page.getByRole('list', { name: 'What the question is about' });
  await expect(about.getByRole('button', { name: 'Attachment: bed.png' })).toBeVisible();
  await expect(about.locator('img')).toHaveJSProperty('naturalWidth', 1);
  await expect(page.getByText('No language model answers here that an image could be shown to')).toBeVisible();
  await expectAccessible(page);
  await question.fill('What is in the picture?');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('No language model is loaded that bed.png could be shown to');
  await expect(question).toHaveValue('What is in the picture?');
  await about.getByRole('button', { name: 'Attachment: bed.png' }).click();
  await expect(page.getByRole('dialog', { name: 'bed.png' }).getByRole('img', { name: 'bed.png' })).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await about.getByRole('button', { name: 'Remove: bed.png' }).click();
  await expect(about).toHaveCount(0);
  await question.fill('');
});

test('what the host has dropped meanwhile is told, and more than a question takes is left out', async ({
  ambit: page,
  installation: { host, token },
}) => {
  await choose(page, { name: 'beehive.md', content: NOTE });
  const about = page.getByRole('list', { name: 'What the question is about' });
  await expect(about.getByRole('button', { name: 'Attachment: beehive.md' })).toBeVisible();
  const kept = await page.evaluate(() => localStorage.getItem('ambit.about.new'));
  const [{ id }] = JSON.parse(kept ?? '[]') as [{ id: string }];
  const headers = { Authorization: `Bearer ${token}` };
  await fetch(`${host.address}/v1/attachments/${id}`, { method: 'DELETE', headers });
  const question = page.getByRole('textbox', { name: 'Question' });
  await question.fill('When is the honey gathered?');
  await page.keyboard.press('Enter');
  await expect(about.getByRole('alert')).toContainText('Attach the file again');
  await expect(question).toHaveValue('When is the honey gathered?');
  await about.getByRole('button', { name: 'Remove: beehive.md' }).click();

  await question.fill('');
  const many = Array.from({ length: 34 }, (_, number) => ({ name: `note-${number}.md`, content: `Note ${number}` }));
  await choose(page, ...many);
  await expect(page.getByText('2 files were left out')).toBeVisible();
  await expect(about.getByRole('button', { name: /^Attachment:/ })).toHaveCount(32);
  await page.setViewportSize({ width: 360, height: 640 });
  await expectFits(page);
  await expectAccessible(page);
});
