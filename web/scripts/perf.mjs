// The built page of trading while its chain moves ten times a second: script a tick, the longest task, shifts of the layout, time to the first price.
import { openPage, serve, withBrowser } from './browser.mjs';

process.env.MOCK_TICK_MS ??= '100';
const SECONDS = 10;
const { origin, stop } = await serve(true);
await withBrowser(async (context) => {
  const { page } = await openPage(context, origin, { width: 1280, height: 900, theme: 'dark' });
  await page.addInitScript(() => {
    window.seen = { long: 0, shift: 0, first: 0 };
    new PerformanceObserver((list) => list.getEntries().forEach((each) => (window.seen.long = Math.max(window.seen.long, each.duration)))).observe({ type: 'longtask', buffered: true });
    new PerformanceObserver((list) => list.getEntries().forEach((each) => (window.seen.shift += each.hadRecentInput ? 0 : each.value))).observe({ type: 'layout-shift', buffered: true });
    new MutationObserver((_, watcher) => {
      if (!document.querySelector('td.ask')) return;
      window.seen.first = performance.now();
      watcher.disconnect();
    }).observe(document, { childList: true, subtree: true });
  });
  await page.goto(origin);
  await page.waitForSelector('td.ask');
  await page.waitForTimeout(2_000);
  const client = await context.newCDPSession(page);
  // The page's own processor time: what else runs on this machine does not count.
  await client.send('Performance.enable', { timeDomain: 'threadTicks' });
  const read = async () => Object.fromEntries((await client.send('Performance.getMetrics')).metrics.map(({ name, value }) => [name, value]));
  const before = await read();
  const first = await page.evaluate(() => {
    const { first, shift } = window.seen;
    window.seen.long = 0;
    window.seen.shift = 0;
    return { first, shift };
  });
  await page.waitForTimeout(SECONDS * 1_000);
  const after = await read();
  const seen = await page.evaluate(() => window.seen);
  const rows = await page.locator('tbody tr').count();
  const ticks = (SECONDS * 1_000) / Number(process.env.MOCK_TICK_MS);
  const a = (name) => ((after[name] - before[name]) * 1_000) / ticks;
  console.log(`${rows} rows of two series, ${ticks} ticks in ${SECONDS} s`);
  console.log(`script ${a('ScriptDuration').toFixed(2)} ms a tick, style and layout ${(a('RecalcStyleDuration') + a('LayoutDuration')).toFixed(2)}, all tasks ${a('TaskDuration').toFixed(2)}`);
  console.log(`longest task ${seen.long.toFixed(0)} ms (0: none above 50), layout shift while moving ${seen.shift.toFixed(4)}, while loading ${first.shift.toFixed(4)}`);
  console.log(`first price drawn ${first.first.toFixed(0)} ms after the start`);
});
await stop();
process.exit(0);
