// The page's client of a venue, by the same sources, for scripts and the mock.
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const source = fileURLToPath(new URL('../../clients/typescript/src/index.ts', import.meta.url));

export const client = (await runnerImport(source, { logLevel: 'error' })).module;
