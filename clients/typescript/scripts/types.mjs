// The API's types from its description: `node scripts/types.mjs` writes them, `generate()` is what the test compares.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import openapi, { astToString, COMMENT_HEADER } from 'openapi-typescript';

const DESCRIPTION = new URL('../../../docs/api/openapi.json', import.meta.url);
export const FILE = new URL('../src/schema.ts', import.meta.url);

/** The text of `src/schema.ts` for the description as it is now. */
export async function generate() {
  const description = JSON.parse(await readFile(DESCRIPTION, 'utf8'));
  return COMMENT_HEADER + astToString(await openapi(description, { silent: true }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = await generate();
  await writeFile(FILE, text);
  console.log(`src/schema.ts: ${text.split('\n').length} lines`);
}
