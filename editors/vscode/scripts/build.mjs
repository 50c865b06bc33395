// Bundles the extension and what fits the page into its view, and takes the page along that `ui/` has built.
import { cp, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, new URL('../', import.meta.url)));

/** @type {import('esbuild').BuildOptions} */
const common = { bundle: true, minify: true, legalComments: 'none', logLevel: 'warning', metafile: true };

await rm(here('dist'), { recursive: true, force: true });
await build({
  ...common,
  entryPoints: [here('src/extension.ts')],
  outfile: here('dist/extension.js'),
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  external: ['vscode'],
});
await build({
  ...common,
  entryPoints: [here('src/frame/frame.ts')],
  outfile: here('dist/frame.js'),
  platform: 'browser',
  target: 'es2023',
  format: 'iife',
});

await rm(here('page'), { recursive: true, force: true });
await cp(here('../../ui/dist'), here('page'), {
  recursive: true,
  // What the build tells of itself is not part of the page.
  filter: (path) => !path.includes('/.vite'),
});
