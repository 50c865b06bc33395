import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { test as base, expect, type FrameLocator, type Locator, type Page } from '@playwright/test';
import { AmbitHost } from '../../../../ui/tests/e2e/harness/host';
import { ModelServer } from '../../../../ui/tests/e2e/harness/model_server';
import { CodeServer, isInstalled } from './code_server';

export { expect };

interface Installation {
  host: AmbitHost;
  editor: CodeServer;
  /** The folder that is open in the editor. */
  folder: string;
}

interface Fixtures {
  /** VS Code, with the folder open and Ambit ready. */
  code: Page;
  /** A language model of this machine that says what a test has it say. */
  model: ModelServer;
}

/** What is in the folder that is open. */
const FILES: Record<string, string> = {
  'ledger.py': `"""Keeps what was spent."""


def add_expense(ledger, amount, reason):
    """Notes an expense."""
    ledger.entries.append((amount, reason))
    ledger.total = ledger.total + amount


def add_income(ledger, amount, reason):
    """Notes an income."""
    ledger.entries.append((-amount, reason))
    ledger.total = ledger.total - amount
`,
  'report.py': `from ledger import add_expense, add_income


def report(ledger):
    for amount, reason in ledger.entries:
        print(amount, reason)
`,
};

/** A long text, so that what answers a question does not stand at its beginning. */
const DECISIONS = Array.from({ length: 40 }, (_, index) => {
  const what =
    index === 33 ? 'The auditor, Ms Halvorsen, wants receipts kept for eleven years.' : `Matter ${index} waits.`;
  const rest = 'Nobody objected, and it was written down.';
  return `## Meeting ${index + 1}\n\n${what} ${rest}\n`;
}).join('\n');

export const test = base.extend<Fixtures, { installation: Installation }>({
  installation: [
    async ({}, use) => {
      const host = await AmbitHost.create();
      await host.start();
      const folder = join(host.home, 'ledger');
      await mkdir(folder);
      for (const [name, text] of Object.entries(FILES)) await writeFile(join(folder, name), text);
      await writeFile(join(host.documents, 'decisions.md'), DECISIONS);
      for (const indexed of [host.documents, folder]) await host.run('index', 'add', indexed, '--wait');
      const variables = host.environment();
      await install(host.home);
      const editor = await CodeServer.start({ environment: variables, settings: {} });
      await use({ host, editor, folder });
      await editor.stop();
      await host.remove();
    },
    { scope: 'worker', timeout: 300_000 },
  ],
  code: async ({ page, installation }, use) => {
    const { editor, folder } = installation;
    await page.goto(editor.address(folder));
    await expect(status(page)).toHaveAttribute('aria-label', 'Ambit: Ready');
    await use(page);
  },
  model: async ({ installation }, use) => {
    const { host } = installation;
    const server = await ModelServer.start();
    await host.run('providers', 'add', 'here', '--kind', 'openai', '--url', server.url, '--model', 'writer');
    await host.run('settings', 'set', 'models.language', 'here/writer');
    await use(server);
    await host.run('settings', 'unset', 'models.language');
    await host.run('providers', 'remove', 'here');
    server.stop();
  },
});

/** Puts the programs where `make install` does, and the extension looks when they are not on `PATH`. */
async function install(home: string): Promise<void> {
  const folder = join(home, '.local/bin');
  await mkdir(folder, { recursive: true });
  for (const [name, variable] of PROGRAMS) {
    const program = process.env[variable];
    if (!program) throw new Error(`${variable} must name the \`${name}\` to test with`);
    await symlink(program, join(folder, name));
  }
}

const PROGRAMS = [
  ['ambit', 'AMBIT_BINARY'],
  ['ambit-lsp', 'AMBIT_LSP'],
] as const;

test.skip(!isInstalled, 'there is no code-server: scripts/fetch-code-server installs it');

/** The processes of the language server that this installation's editor has started. */
export async function servers({ host }: Installation): Promise<number[]> {
  const found = promisify(execFile)('pgrep', ['-f', `^${join(host.home, '.local/bin/ambit-lsp')}`]);
  // It fails when there is none.
  return found.then(
    ({ stdout }) => stdout.trim().split('\n').map(Number),
    () => [],
  );
}

/** Ambit's item in the status bar. */
export function status(page: Page): Locator {
  return page.locator('.statusbar-item[id^="ambit.ambit"] a').first();
}

/** Opens a file of the folder by its name, and goes to the end of a line. */
export async function openFile(page: Page, name: string, line: number): Promise<void> {
  await page.keyboard.press('Control+p');
  await page.locator(FIELD).fill(`${name}:${line}`);
  await expect(page.locator(ROWS).first()).toContainText(name);
  await page.keyboard.press('Enter');
  await expect(page.locator('.tab.active')).toContainText(name);
  await expect(page.locator('.statusbar')).toContainText(`Ln ${line},`);
  await page.locator('.monaco-editor.focused').first().waitFor();
  await page.keyboard.press('End');
}

/** Runs a command of the palette, by the beginning of its title. */
export async function run(page: Page, title: string): Promise<void> {
  await page.keyboard.press('F1');
  await page.locator(FIELD).fill(`>${title}`);
  await expect(page.locator(ROWS).first()).toContainText(title);
  await page.keyboard.press('Enter');
}

/** Chooses what is offered. */
export async function pick(page: Page, label: string): Promise<void> {
  await page.locator(ROWS).filter({ hasText: label }).first().click();
}

const FIELD = '.quick-input-widget input[type="text"]';
const ROWS = '.quick-input-list .monaco-list-row';

/** The text of the editor in front, as far as it is shown. */
export function shown(page: Page): Locator {
  return page.locator('.editor-group-container.active .view-lines').last();
}

/** The column where one types. */
export async function column(page: Page): Promise<number> {
  return Number(/Col (\d+)/.exec(await page.locator('.statusbar').innerText())?.[1]);
}

/** Takes back all that was typed, and closes the editor. */
export async function undoAll(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await run(page, 'File: Revert File');
  await run(page, 'View: Close All Editors');
  await expect(page.locator('.tab')).toHaveCount(0);
}

/** The page of Ambit in its view. */
export function chat(page: Page): FrameLocator {
  return page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
}
