import { writeFile } from 'node:fs/promises';
import { BINDINGS, bindings } from './bindings.js';

await writeFile(BINDINGS, await bindings());
