// What was done and sent, looked through by source and by surface.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, expectAccessible, test } from './harness/test';

let server: Server;

test.beforeAll(async ({ installation: { host } }) => {
  // A server of this machine that speaks as Ollama does, and says one thing.
  server = createServer((request, response) => {
    request.resume().on('end', () => {
      if (request.method === 'GET') return response.end(JSON.stringify({ models: [{ name: 'm', model: 'm' }] }));
      response.setHeader('content-type', 'application/x-ndjson');
      const message = { role: 'assistant', content: 'The quince stands by the wall [1].' };
      return response.end(`${JSON.stringify({ model: 'm', message, done: true, done_reason: 'stop' })}\n`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await host.run('providers', 'add', 'near', '--kind', 'ollama', '--url', url, '--model', 'm');
  await host.write('Orchard/quince.md', '# Quince\n\nThe quince tree stands by the southern wall of the orchard.\n');
  await host.run('index', 'add', join(host.home, 'Orchard'), '--wait');
  await host.run('ask', '--model', 'near/m', 'Where does the quince tree stand?');
});

test.afterAll(async ({ installation: { host } }) => {
  await host.run('providers', 'remove', 'near');
  await host.run('index', 'remove', join(host.home, 'Orchard'));
  await new Promise((resolve) => server.close(resolve));
});

test('what was done is found by the folder, what was sent by its source, and the source is forgotten from there', async ({
  ambit: page,
  installation: { host },
}) => {
  await page.getByRole('navigation').getByRole('link', { name: 'Activity' }).click();
  const filter = page.getByRole('searchbox', { name: 'Filter', exact: true });
  await filter.fill('orchard');
  await expect(page.getByRole('cell', { name: 'Folder added' })).toBeVisible();
  await expect(page.getByRole('cell', { name: 'Question asked' })).toHaveCount(0);

  // A question is told by its chat and its sources.
  await filter.fill('near/m');
  const asked = page.getByRole('row').filter({ hasText: 'Question asked' });
  await expect(asked).not.toContainText('session:');
  await expect(asked.getByRole('link', { name: 'Open chat' })).toHaveAttribute('href', /#\/chat\/[\da-f-]{36}/);
  await asked.getByRole('button', { name: 'Sources' }).click();
  await expect(page.getByRole('dialog').getByRole('listitem')).toContainText('quince.md');
  await expectAccessible(page);
  await page.keyboard.press('Escape');

  await page.getByRole('radio', { name: 'Sent' }).check();
  await expect(page.getByRole('heading', { name: 'near/m' })).toBeVisible();
  await filter.fill('no such file');
  await expect(page.getByText('No entry matches')).toBeVisible();
  await filter.fill('quince.md');
  await page.getByRole('combobox', { name: 'By' }).selectOption('Terminal');
  await page.getByRole('button', { name: 'Show content' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('southern wall');
  await expectAccessible(page);
  await page.getByRole('button', { name: `Forget: ${join(host.home, 'Orchard/quince.md')}` }).click();
  await page.getByRole('button', { name: 'Forget', exact: true }).click();
  await expect(dialog).toContainText('The content was erased.');
  await expect(dialog).not.toContainText('southern wall');
});
