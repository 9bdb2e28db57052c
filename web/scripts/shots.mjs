// Pictures of pages in both themes and two widths, into `shots/`: `node scripts/shots.mjs [path...]`, against `CENOTE_PAGE` or the dev server;
// with `DEMO=1` as somebody who has a key.
import { mkdir } from 'node:fs/promises';
import { demoKey, openPage, serve, withBrowser } from './browser.mjs';

const paths = process.argv.slice(2);
const SIZES = [
  { width: 1280, height: 800 },
  { width: 360, height: 740 },
];

const { origin, stop } = await serve();
await mkdir('shots', { recursive: true });
let bad = 0;
await withBrowser(async (context) => {
  for (const path of paths.length > 0 ? paths : ['/', '/keys', '/gallery']) {
    for (const theme of ['dark', 'light']) {
      for (const size of SIZES) {
        const { page, foreign, errors } = await openPage(context, origin, { ...size, theme });
        if (process.env.DEMO) await demoKey(page, origin);
        await page.goto(origin + path, { waitUntil: 'load' });
        await page.waitForTimeout(Number(process.env.SETTLE ?? 2500));
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        const name = `${path.replace(/[^a-z0-9]+/gi, '_').replace(/^_|_$/g, '') || 'trade'}-${theme}-${size.width}`;
        await page.screenshot({ path: `shots/${name}.png`, fullPage: true });
        for (const problem of [...foreign.map((url) => `asked for ${url}`), ...errors]) console.log(`${name}: ${problem}`);
        if (overflow > 0) console.log(`${name}: ${overflow} px wider than the window`);
        bad += foreign.length + errors.length + (overflow > 0 ? 1 : 0);
        await page.close();
      }
    }
  }
});
await stop();
console.log(bad === 0 ? 'no problems' : `${bad} problems`);
process.exit(bad === 0 ? 0 : 1);
