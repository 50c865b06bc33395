import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** Where the scripts lie that the tests run in pages. */
export const BUILT = fileURLToPath(new URL('../../dist/tests/forms/', import.meta.url));

/** What is built: the content script, and the pages that are programs. */
const SCRIPTS = [
  { entry: 'content.ts', name: 'forms' },
  { entry: 'pages/react.tsx', name: 'react' },
  { entry: 'pages/vue.ts', name: 'vue' },
  { entry: 'pages/preview.svelte.ts', name: 'preview' },
] as const;

type Name = (typeof SCRIPTS)[number]['name'];

/** Builds every script that the tests run in pages. */
export default async function buildAll(): Promise<void> {
  await buildScripts(SCRIPTS.map(({ name }) => name));
}

/** Builds some of these scripts, each as one file. */
export async function buildScripts(names: readonly Name[]): Promise<void> {
  for (const { entry, name } of SCRIPTS) {
    if (!names.includes(name)) continue;
    await build({
      configFile: false,
      logLevel: 'warn',
      root: fileURLToPath(new URL('.', import.meta.url)),
      // The page's own markup is the template, which Vue has to compile.
      resolve: { alias: { vue: 'vue/dist/vue.esm-bundler.js' }, dedupe: ['svelte', 'esm-env', 'clsx'] },
      plugins: [svelte({ configFile: false, compilerOptions: { runes: true } })],
      define: {
        'process.env.NODE_ENV': '"production"',
        __VUE_OPTIONS_API__: 'true',
        __VUE_PROD_DEVTOOLS__: 'false',
        __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
      },
      build: {
        outDir: BUILT,
        emptyOutDir: false,
        minify: false,
        lib: {
          entry: fileURLToPath(new URL(entry, import.meta.url)),
          name,
          formats: ['iife'],
          cssFileName: name,
          fileName: () => `${name}.js`,
        },
      },
    });
  }
}
