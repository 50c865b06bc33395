import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { framed } from './page';

const ORIGIN = 'https://file+.vscode-resource.vscode-cdn.net';
const BUILT = new URL('../../../../ui/dist/index.html', import.meta.url);

async function document(): Promise<string> {
  return framed(await readFile(BUILT, 'utf8'), { address: (path) => `${ORIGIN}/extension/${path}`, nonce: 'once' });
}

test('every file of the page that was built comes from the extension', async () => {
  const addresses = [...(await document()).matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address ?? '');
  expect(addresses.length).toBeGreaterThanOrEqual(5);
  expect(addresses.filter((address) => !address.startsWith(`${ORIGIN}/extension/`))).toEqual([]);
});

test('scripts and styles bear the nonce, and the policy stands before all of them', async () => {
  const text = await document();
  const bearing = [...text.matchAll(/<(?:script|link rel="stylesheet")[^>]*>/g)].map(([tag]) => tag);
  expect(bearing.length).toBeGreaterThanOrEqual(4);
  expect(bearing.filter((tag) => !tag.includes('nonce="once"'))).toEqual([]);
  expect(text.indexOf('Content-Security-Policy')).toBeGreaterThan(0);
  expect(text.indexOf('Content-Security-Policy')).toBeLessThan(text.indexOf('<script'));
});

test('the policy admits nothing from elsewhere', async () => {
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(await document())?.[1] ?? '';
  expect(policy).toContain(`default-src 'none'`);
  const sources = policy.split(/; | /).filter((source) => /[:*]/.test(source));
  expect(sources).toEqual(['https://*.vscode-resource.vscode-cdn.net', 'blob:']);
  expect(policy).not.toContain('unsafe');
});

test('the page is told that an editor shows it, by the script before its own', async () => {
  const text = await document();
  expect(text).toContain('<meta name="ambit-bridge" content="editor" />');
  expect(text.indexOf('dist/frame.js')).toBeLessThan(text.indexOf('type="module"'));
});
