import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

import { listPackages } from './scripts/list_packages.js';

// While one works on the page, the host's API is reached through the page's own address, and the host takes it for its own
// page. `AMBIT_HOST` is the address that `ambit open --print` prints; what follows it there goes behind this server's own.
const host = process.env['AMBIT_HOST'] ?? 'http://127.0.0.1:4801';
const proxy = { '/v1': { target: host, changeOrigin: true, headers: { Origin: host } } };

export default defineConfig({
  plugins: [svelte(), listPackages()],
  base: './',
  build: {
    target: 'es2023',
    // Inlined files would be `data:` addresses, which the page's policy does not admit.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
    // How long plugins take is no news on a machine that does something else as well.
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  server: { host: '127.0.0.1', port: 4800, strictPort: true, proxy },
  test: {
    include: ['src/**/*.test.ts', 'tests/*.test.ts'],
    environment: 'happy-dom',
    // Where a component is tested, it is the one for browsers.
    server: { deps: { inline: ['svelte'] } },
  },
  resolve: process.env['VITEST'] ? { conditions: ['browser'] } : {},
});
