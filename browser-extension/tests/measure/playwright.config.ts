import { defineConfig } from '@playwright/test';

/** What `cargo xtask bench browser` runs. */
export default defineConfig({
  testDir: '.',
  testMatch: 'browser.measure.ts',
  workers: 1,
  timeout: 300_000,
  reporter: [['line']],
  outputDir: '../../test-results/measure',
});
