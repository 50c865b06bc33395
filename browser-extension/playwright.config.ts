import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: 'tests/browsers',
  testMatch: '*.spec.ts',
  workers: 1,
  timeout: 90_000,
  retries: process.env['CI'] ? 1 : 0,
  expect: { timeout: 20_000 },
  reporter: [['list']],
  outputDir: 'test-results',
});
