// Every text has its German, and none is left over.
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const FOLDER = join(import.meta.dirname, '..');

async function json(name: string): Promise<Record<string, string>> {
  return JSON.parse(await readFile(join(FOLDER, name), 'utf8')) as Record<string, string>;
}

/** What the code has translated: the first argument of each `l10n.t`. */
async function textsOfCode(): Promise<string[]> {
  const entries = await readdir(join(FOLDER, 'src'), { withFileTypes: true, recursive: true });
  const found: string[] = [];
  for (const entry of entries) {
    if (!entry.isFile() || !entry.name.endsWith('.ts') || entry.name.endsWith('.test.ts')) continue;
    const code = await readFile(join(entry.parentPath, entry.name), 'utf8');
    const calls = code.split(/l10n\.t\(/).length - 1;
    const texts = [...code.matchAll(/l10n\.t\(\s*'((?:[^'\\]|\\.)*)'/g)].map(([, text]) => text ?? '');
    expect(texts.length, `calls of l10n.t in ${entry.name} whose text is no literal`).toBe(calls);
    found.push(...texts.map((text) => text.replace(/\\(.)/g, '$1')));
  }
  return [...new Set(found)].sort();
}

test('the texts of the code', async () => {
  const german = await json('l10n/bundle.l10n.de.json');
  expect(Object.keys(german).sort()).toEqual(await textsOfCode());
  for (const [text, translation] of Object.entries(german)) {
    expect(translation.match(/\{\d\}/g)?.sort(), `places in “${translation}”`).toEqual(text.match(/\{\d\}/g)?.sort());
  }
});

test('the texts of the manifest', async () => {
  const manifest = await readFile(join(FOLDER, 'package.json'), 'utf8');
  const used = [...new Set([...manifest.matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key ?? ''))].sort();
  const [english, german] = [await json('package.nls.json'), await json('package.nls.de.json')];
  expect(Object.keys(english).sort()).toEqual(used);
  expect(Object.keys(german).sort()).toEqual(used);
  // Links to commands lead to the same ones.
  const commands = (text: string | undefined): string[] => (text?.match(/\(command:[^)]*\)/g) ?? []).sort();
  for (const key of used) expect(commands(german[key]), key).toEqual(commands(english[key]));
});

test('the commands of the manifest are those of the code', async () => {
  const manifest = JSON.parse(await readFile(join(FOLDER, 'package.json'), 'utf8')) as {
    contributes: { commands: { command: string }[] };
  };
  const named = manifest.contributes.commands.map(({ command }) => command).sort();
  const code = ['src/extension.ts', 'src/edit/proposals.ts'].map((name) => readFile(join(FOLDER, name), 'utf8'));
  const registered = (await Promise.all(code)).flatMap((text) => [
    ...[...text.matchAll(/^ {4}'(ambit\.[\w.]+)': /gm)].map(([, id]) => id),
    ...[...text.matchAll(/registerCommand\('(ambit\.[\w.]+)'/g)].map(([, id]) => id),
  ]);
  expect([...registered].sort()).toEqual(named);
});
