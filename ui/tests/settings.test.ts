import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { descriptions } from '../src/i18n/de/descriptions';
import { de } from '../src/i18n/de';
import { en } from '../src/i18n/en';

const SOURCES = join(import.meta.dirname, '../../crates/settings/src');

/** The keys of the settings that people set, as the host defines them. */
async function keys(): Promise<string[]> {
  const [named, source] = await Promise.all(
    ['key.rs', 'definition.rs'].map((file) => readFile(join(SOURCES, file), 'utf8')),
  );
  const names = new Map(
    [...(named ?? '').matchAll(/pub const ([A-Z_]+): &str = "([^"]+)"/g)].map(([, name, key]) => [name, key]),
  );
  return [...(source ?? '').matchAll(/\bpublic\(\s*key::([A-Z_]+)/g)].map(([, name]) => names.get(name) ?? `${name}`);
}

test('every setting is described in German, and no other', async () => {
  const all = await keys();
  expect(all.length).toBeGreaterThan(20);
  expect(Object.keys(descriptions).sort()).toEqual([...all].sort());
});

test('every group of settings has a name', async () => {
  const groups = new Set((await keys()).map((key) => key.split('.')[0] ?? ''));
  for (const group of groups)
    expect(
      [en, de].map((texts) => group in texts.settings.groups),
      group,
    ).toEqual([true, true]);
});
