// What others wrote of the extension, and under which licences: a text that goes along with it.
import { readdir, readFile } from 'node:fs/promises';

/** Packages whose modules were taken into a script, by their folders. */
export class Taken {
  /** @type {Set<string>} */
  folders = new Set();

  /** @returns {import('vite').Plugin} */
  plugin() {
    return {
      name: 'taken-packages',
      generateBundle: (_options, bundle) => {
        for (const file of Object.values(bundle)) {
          if (file.type === 'chunk') for (const module of Object.keys(file.modules)) this.#add(module);
        }
      },
    };
  }

  /**
   * Their names, versions and licences.
   * @throws when one has no text of its licence
   */
  async licences() {
    const parts = [];
    for (const folder of [...this.folders].sort()) {
      const { name, version, license } = JSON.parse(await readFile(`${folder}/package.json`, 'utf8'));
      const file = (await readdir(folder)).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
      if (file === undefined) throw new Error(`${name} brings no text of its licence`);
      const text = (await readFile(`${folder}/${file}`, 'utf8')).trim();
      parts.push(`${name} ${version} (${license})\n\n${text}\n`);
    }
    return parts.join(`\n${'-'.repeat(80)}\n\n`);
  }

  /** @param {string} module */
  #add(module) {
    const folder = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(module.replace(/^\0/, ''))?.[1];
    if (folder) this.folders.add(folder);
  }
}
