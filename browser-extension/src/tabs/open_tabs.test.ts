import { expect, it } from 'vitest';
import { originsOf } from './open_tabs.svelte';

it('a site is known by its name or by an address of it', () => {
  expect(originsOf(' example.org ')).toEqual(['https://example.org/*', 'http://example.org/*']);
  expect(originsOf('https://example.org/bees?all=1#top')).toEqual(['https://example.org/*']);
  expect(originsOf('http://127.0.0.1:8080/')).toEqual(['http://127.0.0.1/*']);
  expect(originsOf('bücher.example')).toEqual(['https://xn--bcher-kva.example/*', 'http://xn--bcher-kva.example/*']);
  expect(originsOf('localhost:3000')).toEqual(['https://localhost/*', 'http://localhost/*']);
});

it('what is no site of the web, or stands for many, is none', () => {
  for (const other of [
    '',
    ' ',
    'bees',
    '*',
    '*.org',
    'https://*/',
    'https://%2A.com/',
    'file:///etc/passwd',
    'chrome://settings',
    '<all_urls>',
  ])
    expect(originsOf(other), other).toEqual([]);
});
