// A browser for the scripts: whatever Chromium there is, nothing kept, no request but to the page's own origin.
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { createServer, preview } from 'vite';

const FOUND = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => path && existsSync(path));

/** Opens a browser, calls `work` with it, closes it. Says so and does nothing when there is none. */
export async function withBrowser(work) {
  if (!FOUND) {
    console.log('skipped: no Chromium found; set CHROMIUM to its path');
    return false;
  }
  const folder = await mkdtemp(join(tmpdir(), 'cenote-web-'));
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: FOUND,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  try {
    await work(context);
  } finally {
    await context.close();
    await rm(folder, { recursive: true, force: true });
  }
  return true;
}

/** A page that may only talk to `origin`; other requests are refused and listed. */
export async function openPage(context, origin, { width, height, theme, reduced = true }) {
  const page = await context.newPage();
  // Patient: the machine may be busy with other things. What must be quick is measured, not waited for.
  page.setDefaultTimeout(90_000);
  const foreign = [];
  const errors = [];
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme: theme, reducedMotion: reduced ? 'reduce' : 'no-preference' });
  await page.route('**/*', (route) => {
    const url = route.request().url();
    if (url.startsWith(origin) || url.startsWith('data:') || url.startsWith('blob:')) return route.continue();
    foreign.push(url);
    return route.abort();
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  return { page, foreign, errors };
}

/** Where the page is: `CENOTE_PAGE`, or the dev server or the built page started here. */
export async function serve(built = false) {
  if (process.env.CENOTE_PAGE) return { origin: process.env.CENOTE_PAGE, stop: async () => {} };
  const server = built ? await preview({ preview: { port: 0 }, logLevel: 'error' }) : await createServer({ server: { port: 0 }, logLevel: 'error' });
  if (!built) await server.listen();
  return { origin: server.resolvedUrls.local[0].replace(/\/$/, ''), stop: () => server.close() };
}

/** Makes this browser somebody who has a key with play money; once. */
export async function demoKey(page, origin) {
  await page.goto(`${origin}/keys`);
  if (await page.evaluate(() => localStorage.getItem('cenote.accounts'))) return;
  await page.evaluate(() => localStorage.setItem('cenote.ticket', 'full'));
  await page.getByRole('button', { name: /New demo key/ }).click();
  await page.waitForFunction(() => document.body.innerText.includes('10,000.00'));
}
