import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [svelte()],
  test: {
    include: ['src/**/*.test.ts'],
    environment: 'happy-dom',
    // What is shared with the page is in its folder, for browsers.
    server: { deps: { inline: ['svelte'] } },
  },
  resolve: { conditions: ['browser'] },
});
