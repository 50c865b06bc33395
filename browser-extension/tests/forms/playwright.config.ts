import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  globalSetup: './build.ts',
  workers: 1,
  timeout: 30_000,
  // A machine that others use as well may be slow once; a test that fails twice is wrong. What was told twice is listed.
  retries: process.env['CI'] ? 1 : 0,
  reporter: [['list']],
  outputDir: '../../test-results/forms',
  use: {
    // The browser that the system brings; nothing is downloaded for the tests.
    launchOptions: {
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    },
    locale: 'en-GB',
    timezoneId: 'UTC',
    viewport: { width: 1000, height: 700 },
  },
});
