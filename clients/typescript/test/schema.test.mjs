import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { FILE, generate } from '../scripts/types.mjs';

test('the types are those of docs/api/openapi.json', async () => {
  const current = (await readFile(FILE, 'utf8')) === (await generate());
  assert.ok(current, 'src/schema.ts is not current; run `npm run types` and commit it');
});
