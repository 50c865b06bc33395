import { expect } from '@playwright/test';
import { readdirSync, readFileSync } from 'node:fs';
import { test, unescaped } from './reader';

// Pages that try to say to a model what people do not see. In each, what must come out begins with SEEN, and what
// must not with HIDDEN.

const folder = new URL('hostile/', import.meta.url);
const names = readdirSync(folder).flatMap((file) => (file.endsWith('.html') ? [file.replace(/\.html$/, '')] : []));

for (const name of names) {
  test(`${name}: only what is seen comes out`, async ({ reader }) => {
    await reader.open(`hostile/${name}`);
    // Read from the file, as the page's own tricks would change what it says.
    const source = readFileSync(new URL(`${name}.html`, folder), 'utf8');
    const seen = (/data-seen="([^"]*)"/.exec(source)?.[1] ?? '').split('|').filter((word) => word !== '');
    const snapshot = await reader.snapshot();
    const text = await reader.inPanel<{ markdown: string }>('readable', snapshot);
    const plain = unescaped(text.markdown);
    expect(JSON.stringify([snapshot.root, snapshot.links, snapshot.title]).match(/HIDDEN[\w-]*/g)).toBeNull();
    expect(plain.match(/HIDDEN[\w-]*/g)).toBeNull();
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.filter((word) => !plain.includes(word))).toEqual([]);
    expect(plain).not.toMatch(/[\u200b\u202a-\u202e\u2060-\u2069\u{e0000}-\u{e007f}\ufeff]/u);
  });
}
