import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUILT, buildScripts } from '../forms/build';
import type { Served } from './site';

const PAGES = fileURLToPath(new URL('../forms/pages/', import.meta.url));

/** The pages of forms that the tests of forms have: one of thirty fields in plain HTML, and those that are programs. */
export async function formPages(): Promise<Record<string, Served>> {
  await buildScripts(['react', 'vue']);
  const html = (name: string): Promise<string> => readFile(join(PAGES, `${name}.html`), 'utf8');
  const script = async (name: string): Promise<Served> => ({
    body: await readFile(join(BUILT, `${name}.js`), 'utf8'),
    type: 'text/javascript; charset=utf-8',
  });
  return {
    '/plain.html': await html('plain'),
    '/react.html': await html('react'),
    '/react.js': await script('react'),
    '/vue.html': await html('vue'),
    '/vue.js': await script('vue'),
  };
}
