// Writes which packages of others are in the page, for its list of licences: the folders of those whose modules were taken.
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('..', import.meta.url));

/** @returns {import('vite').Plugin} */
export function listPackages() {
  /** @type {Set<string>} */
  const seen = new Set();
  return {
    name: 'list-packages',
    apply: 'build',
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type === 'chunk') for (const module of Object.keys(file.modules)) add(module);
        else for (const source of file.originalFileNames) add(source);
      }
      // Style sheets become files of their own, which no longer tell what they were made of.
      for (const module of this.getModuleIds()) if (/\.css(\?|$)/.test(module)) add(module);
      this.emitFile({ type: 'asset', fileName: '.vite/packages.json', source: JSON.stringify([...seen].sort()) });
    },
  };

  /** @param {string} module */
  function add(module) {
    const path = relative(FOLDER, module.replace(/^\0/, '').replace(/\?.*$/, ''));
    const folder = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path.replaceAll('\\', '/'))?.[1];
    if (folder) seen.add(folder);
  }
}
