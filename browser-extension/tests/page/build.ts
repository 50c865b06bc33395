import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** Where the scripts for the tests are built. */
export const BUILT = fileURLToPath(new URL('../../test-results/page-scripts/', import.meta.url));

/** Builds what runs in a page and what runs in the panel, each as one script. */
export default async function buildScripts(): Promise<void> {
  for (const name of ['content', 'panel']) {
    await build({
      configFile: false,
      logLevel: 'error',
      build: {
        lib: {
          entry: fileURLToPath(new URL(`entries/${name}.ts`, import.meta.url)),
          formats: ['iife'],
          name,
          fileName: () => `${name}.js`,
        },
        outDir: BUILT,
        emptyOutDir: false,
        minify: false,
      },
    });
  }
}
