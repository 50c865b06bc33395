// @vitest-environment node
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { BINDINGS, bindings } from '../scripts/bindings.js';

test('the committed bindings are what docs/openapi.json gives; `npm run bindings` writes them', async () => {
  const committed = await readFile(BINDINGS, 'utf8');
  expect(committed === (await bindings()), 'src/bindings/api.ts is up to date').toBe(true);
}, 60_000);
