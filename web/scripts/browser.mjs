// A browser for the scripts: whatever Chromium there is, nothing kept, no request but to the page's own origin.
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

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
