// The page of trading while its chain moves ten times a second: script a tick, the longest task, shifts of the layout, time to the first price.
// ROWS strikes (132), once as a window shows them and once with all of them in view. CENOTE_PAGE measures a node's page, whose chain moves as it does.
import { openPage, serve, withBrowser } from './browser.mjs';

process.env.MOCK_TICK_MS ??= '100';
process.env.MOCK_STRIKES = process.env.ROWS ?? '132';
const SECONDS = Number(process.env.SECONDS ?? 10);
/** Pixels of a row, and of what is around the rows. */
const [ROW, AROUND] = [28, 700];
const { origin, stop } = await serve(true);

/** Notes long tasks, shifts and the first price from the navigation on. */
function watch() {
  window.seen = { long: 0, longs: 0, shift: 0, first: 0, ticks: 0 };
  const note = (type, take) => new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  note('longtask', ({ duration }) => Object.assign(window.seen, { long: Math.max(window.seen.long, duration), longs: window.seen.longs + 1 }));
  note('layout-shift', ({ value, hadRecentInput }) => (window.seen.shift += hadRecentInput ? 0 : value));
  new MutationObserver((_, watcher) => {
    if (!/\d/.test(document.querySelector('td.ask')?.textContent ?? '')) return;
    window.seen.first = performance.now();
    watcher.disconnect();
  }).observe(document, { childList: true, subtree: true, characterData: true });
}

async function measure(context, name, height) {
  const { page } = await openPage(context, origin, { width: 1280, height, theme: 'dark', reduced: process.env.STILL !== undefined });
  // Watching every request would be what is measured.
  await page.unroute('**/*');
  await page.addInitScript(watch);
  await page.goto(origin);
  await page.waitForSelector('td.ask');
  await page.waitForTimeout(2_500);
  const client = await context.newCDPSession(page);
  // The page's own processor time: what else runs on this machine does not count.
  await client.send('Performance.enable', { timeDomain: 'threadTicks' });
  const read = async () => Object.fromEntries((await client.send('Performance.getMetrics')).metrics.map(({ name, value }) => [name, value]));
  const loading = await page.evaluate(() => ({ ...window.seen }));
  await page.evaluate(() => Object.assign(window.seen, { long: 0, longs: 0, shift: 0 }));
  if (process.env.PROFILE) await client.send('Profiler.enable').then(() => client.send('Profiler.start'));
  const before = await read();
  await page.waitForTimeout(SECONDS * 1_000);
  const after = await read();
  if (process.env.PROFILE) profile((await client.send('Profiler.stop')).profile);
  const seen = await page.evaluate(() => window.seen);
  const rows = await page.locator('tbody tr:not(.atm)').count();
  const ticks = process.env.CENOTE_PAGE ? SECONDS : (SECONDS * 1_000) / Number(process.env.MOCK_TICK_MS);
  const a = (what) => ((after[what] - before[what]) * 1_000) / ticks;
  console.log(`${name}: ${rows} rows, ${ticks} ticks in ${SECONDS} s`);
  console.log(`  script ${a('ScriptDuration').toFixed(2)} ms a tick, style ${a('RecalcStyleDuration').toFixed(2)}, layout ${a('LayoutDuration').toFixed(2)} (${((after.LayoutCount - before.LayoutCount) / ticks).toFixed(1)} times), all tasks ${a('TaskDuration').toFixed(2)}`);
  console.log(`  tasks above 50 ms while moving: ${seen.longs}, the longest ${seen.long.toFixed(0)} ms; while loading: ${loading.longs}, ${loading.long.toFixed(0)} ms`);
  console.log(`  layout shift while moving ${seen.shift.toFixed(4)}, while loading ${loading.shift.toFixed(4)}`);
  console.log(`  first price drawn ${loading.first.toFixed(0)} ms after the navigation`);
  await page.close();
}

/** Where a profile's time went: self time by function. */
function profile({ nodes, samples, timeDeltas }) {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, `${callFrame.functionName || '(anonymous)'} ${callFrame.url.split('/').at(-1)}:${callFrame.lineNumber + 1}:${callFrame.columnNumber}`]));
  const self = new Map();
  samples.forEach((id, at) => self.set(names.get(id), (self.get(names.get(id)) ?? 0) + timeDeltas[at] / 1_000));
  for (const [name, ms] of [...self].sort((a, b) => b[1] - a[1]).slice(0, 40)) console.log(`  ${ms.toFixed(1).padStart(8)} ms  ${name}`);
}

await withBrowser((context) => measure(context, 'a window of 900 px', 900));
if (!process.env.CENOTE_PAGE) await withBrowser((context) => measure(context, 'every row in view', Number(process.env.MOCK_STRIKES) * ROW + AROUND));
await stop();
process.exit(0);
