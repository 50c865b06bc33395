import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { de } from '../src/i18n/de';
import { en } from '../src/i18n/en';

const CRATES = join(import.meta.dirname, '../../crates');

/** Where the host writes into its audit log: calls with the action as a text, or as a variable that was given one just before. */
const CALL = /\.(?:audit_action|audit_memory|record)\(\s*(?:&?(?:self\.)?\w+,\s*)?(?:"([a-z.]+\.[a-z]+)"|(action)\b)/g;
const CHOICE = /let action = if [^;]*?"([a-z.]+)"[^;]*?"([a-z.]+)"[^;]*?;/g;

async function actionsOf(crate: string): Promise<Set<string>> {
  const actions = new Set<string>();
  for (const name of await readdir(join(CRATES, crate, 'src'), { recursive: true })) {
    if (!name.endsWith('.rs') || /test/.test(name)) continue;
    const source = await readFile(join(CRATES, crate, 'src', name), 'utf8');
    const choices = [...source.matchAll(CHOICE)];
    for (const call of source.matchAll(CALL)) {
      if (call[1] !== undefined) {
        actions.add(call[1]);
        continue;
      }
      const choice = choices.findLast((one) => one.index < call.index);
      if (choice) for (const action of choice.slice(1)) actions.add(action);
    }
  }
  return actions;
}

test('every action that the host records has a name in each language, and no other has', async () => {
  const recorded = new Set([...(await actionsOf('runtime')), ...(await actionsOf('api'))]);
  const names = [...recorded].sort();
  expect(names, 'this test still finds where actions are recorded').toEqual(
    expect.arrayContaining(['provider.key.remove', 'editor.complete']),
  );
  expect(Object.keys(en.activity.actions).sort()).toEqual(names);
  expect(Object.keys(de.activity.actions).sort()).toEqual(names);
});
