// Fails when what the browser must load before the page works is larger than agreed.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMIT = 250 * 1024;
const FOLDER = new URL('../dist/', import.meta.url);

/** @type {Record<string, { file: string, isEntry?: boolean, imports?: string[] }>} */
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', FOLDER), 'utf8'));

/** @type {Set<string>} */
const initial = new Set();
/** @param {string} name */
function add(name) {
  const chunk = manifest[name];
  if (!chunk || initial.has(chunk.file)) return;
  initial.add(chunk.file);
  chunk.imports?.forEach(add);
}
for (const [name, chunk] of Object.entries(manifest)) if (chunk.isEntry) add(name);

const scripts = [...initial].filter((file) => file.endsWith('.js'));
if (scripts.length === 0) throw new Error('the manifest names no script; this measurement is wrong');
const size = scripts.reduce((sum, file) => sum + gzipSync(readFileSync(new URL(file, FOLDER)), { level: 9 }).length, 0);
const told = `initial JavaScript: ${(size / 1024).toFixed(1)} KiB compressed of ${LIMIT / 1024}`;
if (size > LIMIT) {
  console.error(`${told}: too much. Load what is not needed at once with import().`);
  process.exit(1);
}
console.log(told);
