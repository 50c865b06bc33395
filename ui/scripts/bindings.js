// The bindings that the host's document of its API gives.
import { readFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';

const API = new URL('../../docs/openapi.json', import.meta.url);
const HEADER = '// Generated from docs/openapi.json by `npm run bindings`. Do not edit.\n\n';

/** Where the bindings are kept. */
export const BINDINGS = new URL('../src/bindings/api.ts', import.meta.url);

/** @returns {Promise<string>} the bindings, as they should be */
export async function bindings() {
  const api = JSON.parse(await readFile(API, 'utf8'));
  return HEADER + astToString(await openapiTS(api, { alphabetize: true }));
}
