import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { chat, column, expect, openFile, pick, run, servers, shown, status, test, undoAll } from './harness/test';

const FOLDER = process.env['AMBIT_SCREENSHOTS'] ?? 'test-results/screenshots';
const LARGEST = 150 * 1024;

async function picture(page: Page, name: string): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const path = `${FOLDER}/${name}.png`;
  await page.screenshot({ path, animations: 'disabled' });
  expect((await stat(path)).size, `the size of ${path}`).toBeLessThanOrEqual(LARGEST);
}

/** Begins an expense below the last line of `ledger.py`, as it was begun twice above. */
async function begin(page: Page): Promise<void> {
  await openFile(page, 'ledger.py', 14);
  for (const line of ['', '', 'def add_refund(ledger, amount, reason):', '"""Notes a refund."""']) {
    await page.keyboard.press('Enter');
    await page.keyboard.type(line);
  }
  await page.keyboard.press('Escape');
  await page.keyboard.press('Enter');
  // At the pace of somebody who types fast.
  await page.keyboard.type('ledger.', { delay: 60 });
}

/** The changed side of a difference, once one can type there. */
const proposed = (page: Page): ReturnType<Page['locator']> =>
  page
    .locator(
      '.editor-instance .modified .monaco-editor.focused .view-lines, .editor-instance .modified.focused .view-lines',
    )
    .last();
const ghost = (page: Page): ReturnType<Page['locator']> => page.locator('.ghost-text-decoration');

test('what follows is suggested while one types, and Tab takes it', async ({ code }) => {
  await begin(code);
  await expect(ghost(code).first()).toBeVisible();
  const suggestion = (await ghost(code).allInnerTexts()).join('').trim();
  expect(suggestion).not.toBe('');
  await picture(code, 'code-suggestion');
  await code.keyboard.press('Tab');
  await expect(shown(code)).toContainText(`ledger.${suggestion.split('\n')[0]}`);
  await undoAll(code);
});

test('a suggestion can be taken word by word', async ({ code }) => {
  await begin(code);
  await expect(ghost(code).first()).toBeVisible();
  const suggestion = (await ghost(code).allInnerTexts()).join('').trim();
  const word = /^\w+/.exec(suggestion)?.[0] ?? '';
  expect(word.length, `the first word of “${suggestion}”`).toBeGreaterThan(0);
  const before = await column(code);
  await code.keyboard.press('Control+ArrowRight');
  await expect.poll(() => column(code)).toBe(before + word.length);
  // The rest is still offered.
  await expect(ghost(code).first()).toBeVisible();
  await undoAll(code);
});

/** What stands beside lines of code of the next edit. */
async function nextEdits(page: Page): Promise<string> {
  const beside = await page.evaluate<string[]>(
    "[...document.querySelectorAll('.view-lines span')].map((span) => getComputedStyle(span, '::after').content)",
  );
  return beside.filter((text) => text.includes('Alt+N')).join('\n');
}

test('after a word was changed, Alt+N goes where else it stands, and changes it', async ({ code }) => {
  await openFile(code, 'ledger.py', 6);
  await code.keyboard.press('End');
  for (const key of ['ArrowLeft', 'ArrowLeft', 'Control+Shift+ArrowLeft']) await code.keyboard.press(key);
  await code.keyboard.type('cause', { delay: 60 });
  await code.keyboard.press('Escape');
  await expect.poll(() => nextEdits(code)).toContain('→ cause');
  await picture(code, 'code-next-edit');
  await code.keyboard.press('Alt+n');
  await expect(code.getByText(/^Ln 10,/)).toBeVisible();
  await code.keyboard.press('Alt+n');
  await expect(shown(code)).toContainText('def add_income(ledger, amount, cause):');
  // The one after it, in the last line but one.
  await expect.poll(() => nextEdits(code)).toContain('→ cause');
  await code.keyboard.press('Escape');
  await expect.poll(() => nextEdits(code)).toBe('');
  await undoAll(code);
});

test('a language server that ended is started again', async ({ code, installation }) => {
  const before = await servers(installation);
  expect(before).toHaveLength(1);
  for (const one of before) process.kill(one, 'SIGKILL');
  await expect.poll(async () => (await servers(installation)).filter((one) => !before.includes(one))).toHaveLength(1);
  await expect(status(code)).toHaveAttribute('aria-label', 'Ambit: Ready');
  await begin(code);
  await expect(ghost(code).first()).toBeVisible();
  await undoAll(code);
});

test('in subtle mode a spark tells of a suggestion, and it is shown when one asks', async ({ code }) => {
  await run(code, 'Ambit: Show Suggestions Only When Asked For');
  await expect(status(code)).toHaveAttribute('aria-label', /when you ask/);
  await begin(code);
  await expect(status(code)).toHaveAttribute('aria-label', /There is a suggestion here/);
  await expect(ghost(code)).toHaveCount(0);
  await code.keyboard.press('Alt+\\');
  await expect(ghost(code).first()).toBeVisible();
  await undoAll(code);
  await run(code, 'Ambit: Show Suggestions Only When Asked For');
  await expect(status(code)).toHaveAttribute('aria-label', 'Ambit: Ready');
});

test('why no model completes code is told, until one looks for another', async ({ code, installation: { host } }) => {
  await host.run('settings', 'set', 'completion.model', 'nowhere');
  await begin(code);
  await code.keyboard.press('Alt+\\');
  const without = 'Ambit: Ready, but without the model that completes code';
  await expect(status(code)).toHaveAttribute('aria-label', without);
  // Counts go on.
  await expect(ghost(code).first()).toBeVisible();
  await undoAll(code);
  await status(code).click();
  await expect(code.locator('.quick-input-widget')).toContainText('nowhere');
  await pick(code, 'Choose the model that completes code');
  await expect(chat(code).getByRole('heading', { level: 1, name: 'Models' })).toBeVisible();
  await expect(status(code)).toHaveAttribute('aria-label', 'Ambit: Ready');
  await host.run('settings', 'unset', 'completion.model');
});

test('the menu switches suggestions off for a language, and on again', async ({ code }) => {
  await openFile(code, 'ledger.py', 1);
  await status(code).click();
  await expect(code.locator('.quick-input-widget')).toContainText('Switch off for python');
  await picture(code, 'code-menu');
  await pick(code, 'Switch off for python');
  await expect(status(code)).toHaveAttribute('aria-label', 'Ambit: No suggestions in this language');
  await begin(code);
  await code.keyboard.press('Alt+\\');
  await code.waitForTimeout(1_000);
  await expect(ghost(code)).toHaveCount(0);
  await undoAll(code);
  await openFile(code, 'ledger.py', 1);
  await status(code).click();
  await pick(code, 'Switch on for python');
  await expect(status(code)).toHaveAttribute('aria-label', 'Ambit: Ready');
});

test('a chat answers with a source, which opens in the editor at its line', async ({ code, installation }) => {
  await run(code, 'Ambit: Open the Chat');
  const page = chat(code);
  await page.getByRole('textbox', { name: 'Question' }).fill('Who is the auditor, and what does she want?');
  await code.keyboard.press('Enter');
  const answer = page.getByRole('article');
  await expect(answer.getByRole('button', { name: 'Copy answer' })).toBeVisible();
  const source = answer.getByRole('button', { name: /^Source \d+: decisions\.md, Line/ }).first();
  const line = /Lines? (\d+)/.exec((await source.getAttribute('aria-label')) ?? '')?.[1];
  expect(Number(line), 'the line that is cited').toBeGreaterThan(20);
  await source.click();
  await expect(code.locator('.tab.active')).toContainText('decisions.md');
  await expect(code.locator('.statusbar')).toContainText(`Ln ${line},`);
  await picture(code, 'code-chat');
  // Its links lead within the page.
  await page.getByRole('button', { name: 'Open navigation' }).click();
  await page.getByRole('link', { name: 'Index' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Index' })).toBeVisible();
  await expect(page.getByText(installation.folder)).toBeVisible();
});

test('selected code goes into a question', async ({ code }) => {
  await openFile(code, 'report.py', 4);
  await code.keyboard.press('Shift+Home');
  await run(code, 'Ambit: Ask About the Selection');
  await expect(chat(code).getByRole('textbox', { name: 'Question' })).toHaveValue(/report\.py:\n```python\ndef report/);
});

test('selected code is changed in the words of who asks, once the difference is accepted', async ({
  code,
  model,
  installation,
}) => {
  const path = join(installation.folder, 'report.py');
  const before = await readFile(path, 'utf8');
  model.answer = ['```python\nprint(f"{amount:.2f}', ' {reason}")\n```'];
  const change = async (): Promise<void> => {
    await openFile(code, 'report.py', 6);
    await code.keyboard.press('Alt+i');
    await code.locator('.quick-input-widget input[type="text"]').fill('two decimals');
    await expect(code.locator('.quick-input-list .monaco-list-row').first()).toContainText('two decimals');
    await code.keyboard.press('Enter');
    await expect(code.locator('.tab.active')).toContainText('report.py: two decimals');
    await expect(proposed(code)).toContainText('{amount:.2f}');
  };
  await change();
  await picture(code, 'code-change');
  await code.keyboard.press('Escape');
  await expect(code.locator('.tab').filter({ hasText: 'two decimals' })).toHaveCount(0);

  await change();
  await code.keyboard.press('Control+Enter');
  await expect(code.locator('.tab').filter({ hasText: 'two decimals' })).toHaveCount(0);
  await expect(shown(code)).toContainText('        print(f"{amount:.2f} {reason}")');
  await code.keyboard.press('Control+s');
  await expect.poll(() => readFile(path, 'utf8')).toContain('\n        print(f"{amount:.2f} {reason}")\n');
  await writeFile(path, before);
});

test('a code action writes by the model, and its edit is applied', async ({ code, model }) => {
  model.answer = ['```python\n# Prints what', ' was noted.\ndef report(ledger):\n```'];
  await openFile(code, 'report.py', 4);
  await code.keyboard.press('Shift+Home');
  const actions = code.locator('.action-widget').first();
  // The server has to know of the file first.
  await expect(async () => {
    await code.keyboard.press('Control+.');
    await expect(actions).toBeVisible({ timeout: 2_000 });
  }).toPass();
  await picture(code, 'code-action');
  await actions.locator('.monaco-list-row').filter({ hasText: 'Document with Ambit' }).first().click();
  await expect(code.locator('.tab.active')).toContainText('report.py: Document with Ambit');
  await expect(proposed(code)).toContainText('Prints what was noted.');
  await code.keyboard.press('Control+Enter');
  await expect(code.locator('.tab').filter({ hasText: 'Document with Ambit' })).toHaveCount(0);
  await expect(shown(code)).toContainText('Prints what was noted.');
  await undoAll(code);
});

test('who has no ambit-lsp is told so, and led to what is missing', async ({ code, installation }) => {
  await installation.editor.setOfMachine({ 'ambit.server.path': '/nowhere/ambit-lsp' });
  await expect(status(code)).toHaveAttribute('aria-label', 'Ambit: The program ambit-lsp was not found');
  const notice = code.locator('.notifications-toasts');
  await expect(notice).toContainText('/nowhere/ambit-lsp');
  await notice.getByRole('button', { name: 'How to install' }).click();
  await expect(code.locator('.gettingStartedContainer')).toContainText('Get Started with Ambit');
  await picture(code, 'code-walkthrough');
  await installation.editor.setOfMachine({});
  await expect(status(code)).toHaveAttribute('aria-label', 'Ambit: Ready');
});
