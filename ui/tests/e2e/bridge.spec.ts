import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Page } from '@playwright/test';
import { forward } from './harness/forward';
import { expect, test, watch } from './harness/test';

/** Where the program that embeds the page is; nothing answers there but this test. */
const ORIGIN = 'https://embedder.test';
const DIST = join(import.meta.dirname, '../../dist');
const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

/** Gives the page a port and hands on what comes over it. */
const EMBEDDER = `<!doctype html><title>Embedder</title><iframe src="/" title="Ambit" style="width: 100%; height: 90vh"></iframe>
<script>
  const { port1, port2 } = new MessageChannel();
  const calls = new Map();
  window.tell = (id, piece) => port1.postMessage({ id, piece });
  port1.onmessage = ({ data }) => {
    if ('call' in data) window.forward(data.call);
    else window.giveUp(data.cancel);
  };
  addEventListener('message', ({ source, data }) => {
    if (data === 'ambit-ready') source.postMessage('ambit-port', '*', [port2]);
  });
</script>`;

/** Does what such a program does: it asks the host with a token of its own. */
async function embed(page: Page, address: string, token: string): Promise<void> {
  await forward(page, address, token, 'editor');
  await page.route(`${ORIGIN}/**`, async (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === '/embedder') return route.fulfill({ contentType: 'text/html', body: EMBEDDER });
    const name = pathname === '/' ? '/index.html' : pathname;
    let body = await readFile(join(DIST, name), 'utf8');
    if (name === '/index.html') body = body.replace('</head>', '<meta name="ambit-bridge" /></head>');
    return route.fulfill({ contentType: TYPES[extname(name)] ?? 'application/octet-stream', body });
  });
}

test('a program that embeds the page hands its requests on', async ({ page, installation }) => {
  const { host, token } = installation;
  const problems = watch(page, ORIGIN);
  await embed(page, host.address, token);
  await page.goto(`${ORIGIN}/embedder`);
  const ambit = page.frameLocator('iframe');
  await ambit.getByRole('textbox', { name: 'Question' }).fill('When is the flat booked?');
  await page.keyboard.press('Enter');
  await expect(ambit.getByRole('article')).toContainText('from the 9th to the 16th of May');
  await ambit
    .getByRole('article')
    .getByRole('button', { name: /holiday|flat|trip|\.md/ })
    .first()
    .click();
  await expect(ambit.getByRole('complementary', { name: 'Source' })).toContainText('16th of May');
  expect(problems).toEqual([]);
});
