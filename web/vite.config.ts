import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { fileURLToPath } from 'node:url';

/** A running node to develop against, like `CENOTE_NODE=http://127.0.0.1:8980`; without it the mock answers. */
const node = process.env.CENOTE_NODE;

const POLICY =
  "default-src 'self'; img-src 'self' data:; style-src 'self'; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; object-src 'none'";

/** The mock venue, when there is something to serve and no node to ask. */
async function mock() {
  // @ts-expect-error plain JavaScript, for development only
  return (await import('./mock/plugin.mjs')).mock();
}

const local = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig(({ command, isPreview }) => ({
  // Relative, so that the built page works wherever it is served from; every route has one path segment.
  base: './',
  plugins: [svelte(), ...(node || process.env.VITEST || (command === 'build' && !isPreview) ? [] : [mock()])],
  resolve: {
    // The client by its sources, which are of this repository as the page is.
    alias: { '@cenote/client': local('../clients/typescript/src/index.ts') },
    ...(process.env.VITEST ? { conditions: ['browser'] } : {}),
  },
  server: {
    host: '127.0.0.1',
    port: 5173,
    fs: { allow: ['.', '../clients/typescript'] },
    ...(node
      ? {
          // A node takes requests of its own page alone, so the page is told to be that.
          proxy: Object.fromEntries(
            ['/v1', '/openapi.json'].map((path) => [path, { target: node, ws: true, changeOrigin: true, headers: { origin: node } }]),
          ),
        }
      : {}),
  },
  preview: {
    host: '127.0.0.1',
    port: 4173,
    // The policy under which a node serves the page, so that what breaks it breaks in `npm run e2e -- built` already.
    headers: { 'content-security-policy': POLICY },
  },
  build: {
    target: 'es2023',
    outDir: 'dist',
    // Fonts and images inside of scripts would be `data:` URLs, which the page's content policy does not let through.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    manifest: 'manifest.json',
    // What most pages share is one file: a browser asks for six at a time, and two dozen small ones keep it waiting.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'parts', minShareCount: 3 }] } } },
  },
  test: { environment: 'happy-dom', css: true, include: ['src/**/*.test.ts', 'scripts/*.test.ts'] },
}) as Parameters<typeof defineConfig>[0]);
