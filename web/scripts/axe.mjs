// What axe finds on every page, in both themes and two widths; nothing is the only good answer. `node scripts/axe.mjs [built] [path...]`
import AxeBuilder from '@axe-core/playwright';
import { demoKey, openPage, serve, withBrowser } from './browser.mjs';

const PAGES = ['/', '/build', '/account', '/pool', '/surface', '/activity', '/market', '/keys', '/docs'];
const args = process.argv.slice(2).filter((arg) => arg !== 'built');
const paths = args.length > 0 ? args : PAGES;
const { origin, stop } = await serve(process.argv.includes('built'));
let found = 0;
let looked = 0;

/** The page of trading with a ticket in it, so that the ticket is looked at too. */
async function openTicket(page, width) {
  await page.waitForSelector('[data-side="buy"], button.ask');
  await page.locator(width < 860 ? 'button.ask:enabled' : 'td.ask').nth(2).click();
  await page.waitForSelector('.cost .figure');
  await page.evaluate(() => document.querySelectorAll('.ticket details').forEach((each) => (each.open = true)));
  await page.waitForTimeout(1_200);
}

async function look(page, name) {
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
  looked += 1;
  for (const { id, help, nodes } of violations) {
    found += 1;
    console.log(`${name}: ${id}: ${help}`);
    for (const node of nodes.slice(0, 4)) console.log(`    ${node.target.join(' ')}: ${node.failureSummary.split('\n').slice(1, 3).join(';').trim()}`);
  }
}

await withBrowser(async (context) => {
  for (const path of paths) {
    for (const theme of ['dark', 'light']) {
      for (const width of [1280, 360]) {
        const { page } = await openPage(context, origin, { width, height: width > 800 ? 800 : 740, theme });
        await demoKey(page, origin);
        await page.goto(origin + path);
        await page.waitForTimeout(1_500);
        await look(page, `${path} ${theme} ${width}`);
        if (path === '/') {
          await openTicket(page, width);
          await look(page, `ticket ${theme} ${width}`);
        }
        await page.close();
      }
    }
  }
});
await stop();
console.log(`axe: ${found} violations in ${looked} looks`);
process.exit(found === 0 ? 0 : 1);
