// Builds the extension for both browsers into `dist/`, and packs it for their stores into the project's `dist/`.
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { zipSync } from 'fflate';
import { build } from 'vite';

import { Taken } from './licences.js';
import { manifest } from './manifest.js';

const taken = new Taken();

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BUILT = `${ROOT}dist/built`;
const STORES = fileURLToPath(new URL('../../dist', import.meta.url));
/** The most that a packed extension may have, in bytes. */
const LARGEST = 400 * 1024;

/** @type {import('vite').InlineConfig} */
const common = {
  root: ROOT,
  configFile: false,
  logLevel: 'warn',
  base: '/',
  // What is shared with the page is there once, whatever lies in its own folder.
  resolve: { dedupe: ['svelte', 'esm-env', 'clsx', 'lowlight', 'marked', 'temml'] },
  build: { outDir: BUILT, emptyOutDir: false, target: 'es2023', assetsInlineLimit: 0, modulePreload: false },
};

/**
 * A script that stands alone.
 * @param {string} name
 * @param {string} entry
 * @param {'iife' | 'es'} format
 */
async function script(name, entry, format) {
  const lib = { entry: `${ROOT}${entry}`, formats: [format], name: 'ambit', fileName: () => `${name}.js` };
  await build({
    ...common,
    plugins: [taken.plugin()],
    publicDir: false,
    build: { ...common.build, lib, rolldownOptions: { output: { codeSplitting: false } } },
  });
}

await rm(`${ROOT}dist`, { recursive: true, force: true });
await build({
  ...common,
  plugins: [svelte(), taken.plugin()],
  build: { ...common.build, rolldownOptions: { input: `${ROOT}panel.html` } },
});
await script('background', 'src/background/main.ts', 'es');
await script('page', 'src/content/page.ts', 'iife');
await script('forms', 'src/content/forms.ts', 'iife');

await writeFile(`${BUILT}/licences.txt`, await taken.licences());

for (const browser of /** @type {const} */ (['chromium', 'firefox'])) {
  const folder = `${ROOT}dist/${browser}`;
  await cp(BUILT, folder, { recursive: true });
  const { version } = await write(folder, manifest(browser));
  await mkdir(STORES, { recursive: true });
  const packed = await pack(folder);
  const zip = `${STORES}/ambit-${browser}-${version}.zip`;
  await writeFile(zip, packed);
  if (packed.length > LARGEST) throw new Error(`${zip} has ${packed.length} bytes of ${LARGEST}`);
  console.log(`${zip}: ${(packed.length / 1024).toFixed(0)} KiB of ${LARGEST / 1024}`);
}
await rm(BUILT, { recursive: true });

/**
 * @template {{ version: string }} M
 * @param {string} folder
 * @param {M} content
 * @returns {Promise<M>}
 */
async function write(folder, content) {
  await writeFile(`${folder}/manifest.json`, JSON.stringify(content, null, 2));
  return content;
}

/**
 * A folder as a zip archive. The same files give the same bytes.
 * @param {string} folder
 */
async function pack(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => `${entry.parentPath}/${entry.name}`);
  /** @type {Record<string, Uint8Array>} */
  const files = {};
  for (const path of paths.sort()) files[path.slice(folder.length + 1)] = await readFile(path);
  // In the time of this machine, as archives have it: the first day that they know.
  return zipSync(files, { level: 9, mtime: new Date(1980, 0, 1) });
}
