// A reader's way through the page against the mock (or CENOTE_PAGE): demo key, chain, ticket, fill, close; nothing leaves the origin, nothing is logged as an error.
// `node scripts/e2e.mjs built` takes the built page, under the content policy of a node.
import { openPage, serve, withBrowser } from './browser.mjs';
import { client } from './client.mjs';

const { origin, stop } = await serve(process.argv.includes('built'));
let failures = 0;
const check = (name, good, what = '') => {
  console.log(`${good ? 'ok  ' : 'FAIL'} ${name}${what ? ` (${what})` : ''}`);
  if (!good) failures += 1;
};

/** From nothing to a fill and back, by keys alone where there are keys. */
async function trade(context, size) {
  const { page, foreign, errors } = await openPage(context, origin, { ...size, theme: 'dark' });
  await page.goto(`${origin}/?expiry=`);
  await page.evaluate(() => localStorage.setItem('cenote.ticket', 'full'));
  await page.goto(`${origin}/`);
  await page.getByRole('button', { name: /Use a demo key/ }).click();
  if (size.width > 800) {
    await page.waitForSelector('[data-start]');
    await page.locator('td[data-side="buy"].ask').nth(3).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('q');
    check('q goes to the amount', await page.evaluate(() => document.activeElement?.getAttribute('inputmode') === 'decimal'));
    await page.keyboard.press('Control+a');
    await page.keyboard.type('0.1');
    await page.keyboard.press('Shift+ArrowUp');
    check('Shift and an arrow step by ten', (await page.evaluate(() => document.activeElement.value)) === '1.1');
    await page.keyboard.press('Shift+ArrowDown');
  } else {
    await page.getByRole('button', { name: /^Buy .* call$/ }).last().click();
    await page.getByLabel('Amount').fill('0.1');
  }
  const send = page.locator('.send');
  await page.waitForFunction(() => /^Buy 0\.1 for/.test(document.querySelector('.send')?.textContent ?? ''));
  check('the button says what it does', true, await send.textContent());
  const quoted = await page.locator('.cost .figure').getAttribute('data-plain');
  await page.getByLabel('Amount').focus();
  await page.keyboard.press('Control+Enter');
  await page.waitForFunction(() => document.querySelector('.life')?.textContent?.includes('Filled, done'));
  check('an order fills at the next price', true, `quoted ${quoted}`);
  await page.screenshot({ path: `shots/trade-filled-${size.width}.png`, fullPage: size.width < 800 });
  if (size.width < 800) await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Close', exact: true }).first().click();
  await page.waitForFunction(() => /^Sell 0\.1 for/.test(document.querySelector('.send')?.textContent ?? ''));
  await send.click();
  await page.waitForFunction(() => /Sell 0\.1.*Filled, done/s.test(document.querySelector('.life')?.textContent ?? ''));
  if (size.width < 800) await page.keyboard.press('Escape');
  await page.waitForFunction(() => document.querySelector('.drawer')?.textContent?.includes('No positions.'));
  check('a position closes', true);
  check('nothing left the origin', foreign.length === 0, foreign.join(' '));
  check('nothing was logged as an error', errors.length === 0, errors.join(' '));
  await page.close();
}

/** A position goes to a later expiry in one order, and the map of its risk is there. */
async function roll(context) {
  const { page, errors } = await openPage(context, origin, { width: 1280, height: 900, theme: 'light' });
  await page.goto(`${origin}/`);
  await page.waitForSelector('td.ask');
  await page.locator('tr[data-start] td[data-side="buy"].ask, td[data-side="buy"].ask').nth(3).click();
  await page.getByLabel('Amount').fill('0.2');
  await page.waitForFunction(() => /^Buy 0\.2 for/.test(document.querySelector('.send')?.textContent ?? ''));
  await page.locator('.send').click();
  await page.waitForFunction(() => document.querySelector('.life')?.textContent?.includes('Filled, done'));
  await page.goto(`${origin}/account`);
  const held = () => page.locator('tr[data-name]').evaluateAll((rows) => rows.map((row) => row.dataset.name));
  await page.waitForSelector('tr[data-name]');
  const [before] = await held();
  await page.getByRole('grid', { name: /account's value by index and vol/ }).waitFor();
  check('the risk of the account is mapped', (await page.getByRole('grid', { name: /account's value by index and vol/ }).locator('td').count()) === 45);
  await page.getByRole('button', { name: /^Roll / }).click();
  const act = page.locator('.close .primary');
  await page.waitForFunction(() => /^Roll 0\.2, (pay|receive) [\d.,]+$/.test(document.querySelector('.close .primary')?.textContent ?? ''));
  check('a roll is one order with one price', true, await act.textContent());
  await act.click();
  await page.waitForFunction((before) => {
    const names = [...document.querySelectorAll('tr[data-name]')].map((row) => row.dataset.name);
    return names.length === 1 && names[0] !== before;
  }, before);
  const [after] = await held();
  const same = (name) => name.split('-').filter((_, at) => at !== 1).join('-');
  check('the same strike is held at a later expiry', same(before) === same(after), `${before} to ${after}`);
  check('nothing was logged as an error', errors.length === 0, errors.join(' '));
  await page.close();
}

async function refusals(context) {
  const { page } = await openPage(context, origin, { width: 1280, height: 800, theme: 'light' });
  await page.goto(`${origin}/`);
  await page.waitForSelector('td.ask');
  await page.locator('td.ask').nth(2).click();
  await page.getByLabel('Amount').first().fill('400');
  await page.waitForFunction(() => document.querySelector('.ticket .box[aria-label="Error"]'));
  await page.getByRole('button', { name: /Use the most/ }).click();
  check('a refusal offers the way on', true);
  await page.waitForFunction(() => !document.querySelector('.ticket .box[aria-label="Error"]'));
  check('the most that is possible is not refused', true);
  await page.getByLabel('Amount').first().fill('abc');
  check('what is no amount is said at its field', (await page.locator('.ticket .error').first().textContent()).includes('amount'));
  await page.keyboard.press('Escape');
  await page.locator('body').click({ position: { x: 5, y: 780 } });
  await page.keyboard.press('?');
  check('? shows the keys', await page.getByRole('dialog').isVisible());
  await page.keyboard.press('Escape');
  await page.keyboard.press('g');
  await page.keyboard.press('k');
  await page.waitForFunction(() => location.pathname === '/keys');
  check('g k goes to the keys', true);
  await page.close();
}

/** What the page says when the venue is not as usual, and that it comes back by itself. */
async function states(context) {
  const { page } = await openPage(context, origin, { width: 1280, height: 900, theme: 'dark' });
  await page.goto(`${origin}/`);
  await page.waitForSelector('td.ask');
  const post = (path, body) => page.evaluate(([path, body]) => fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }), [path, body]);
  const word = (text) => page.waitForFunction((text) => document.querySelector('.health')?.textContent?.trim() === text, text);
  await post('/v1/dev/clock', { pause: true });
  await word('Clock paused');
  await post('/v1/dev/clock', { resume: true });
  await word('Live');
  check('a paused clock is said', true);
  await post('/v1/dev/oracle', { off_ms: 7_000 });
  await word('Late');
  check('an old price stays in view, greyed, with its age', /\d+ s old/.test(await page.locator('.chain .tag').textContent()) && (await page.locator('td.ask').count()) > 0);
  await word('Live');
  await post('/v1/dev/snapshot', { name: 'e2e' });
  await page.waitForTimeout(2_500);
  await post('/v1/dev/revert', { name: 'e2e' });
  await page.getByText('Market was reset.').first().waitFor();
  await page.waitForSelector('td.ask');
  await page.getByRole('button', { name: 'Understood' }).click();
  check('a venue that goes back is said, and everything is loaded anew', (await page.locator('.reset').count()) === 0);
  await page.close();
}

/** A wallet that signs what it is shown, as Keplr does, with a key that everybody may know. */
async function fakeWallet(page) {
  const key = 'a5'.repeat(32);
  const pub = client.publicKey(key);
  const shown = [];
  await page.exposeFunction('signText', (text) => {
    shown.push(text);
    return Buffer.from(client.signAdr36('', text, key).signature, 'hex').toString('base64');
  });
  await page.addInitScript(
    ([bytes, address]) => {
      window.keplr = {
        enable: async () => {},
        getKey: async () => ({ name: 'Me', pubKey: new Uint8Array(bytes), bech32Address: address }),
        signArbitrary: async (_, __, text) => ({ signature: await window.signText(text) }),
      };
    },
    [[...Buffer.from(pub, 'hex')], client.addressOf(pub, 'cosmos')],
  );
  return shown;
}

/** A wallet's account: one signature for money, one for a session key, none for a trade after it, one for an API key. */
async function walletTrades(context) {
  const { page, errors } = await openPage(context, origin, { width: 1280, height: 900, theme: 'light' });
  const shown = await fakeWallet(page);
  await page.goto(`${origin}/keys`);
  await page.getByRole('button', { name: 'Connect Keplr' }).click();
  await page.getByRole('button', { name: 'Get play money' }).click();
  await page.getByText('Received 1,000.00').first().waitFor();
  await page.getByRole('button', { name: 'Withdraw' }).click();
  await page.getByText('Withdrawn 1,000.00').first().waitFor();
  await page.getByRole('button', { name: 'Deposit' }).click();
  await page.getByText('Deposited 1,000.00').first().waitFor();
  check('a wallet signs words that end in a hash', shown.length === 2 && shown.every((text) => /SHA-256 [0-9a-f]{64}$/.test(text)));
  await page.getByRole('button', { name: 'Create session key' }).click();
  await page.getByText('Trades without popups').waitFor();
  await page.getByRole('button', { name: 'Create API key' }).click();
  await page.getByText('Shown once.').waitFor();
  check('a session key and an API key take one signature each', shown.length === 4);
  await page.getByRole('button', { name: 'Fill in an example' }).click();
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  await page.getByText('The signature holds.').waitFor();
  check('the example of a signature holds', true);
  await page.evaluate(() => localStorage.setItem('cenote.ticket', 'full'));
  await page.goto(`${origin}/`);
  await page.locator('td[data-side="buy"].ask').nth(3).click();
  await page.getByLabel('Amount').fill('0.05');
  await page.waitForFunction(() => /^Buy 0\.05/.test(document.querySelector('.send')?.textContent ?? ''));
  await page.locator('.send').click();
  await page.waitForFunction(() => document.querySelector('.life')?.textContent?.includes('Filled, done'));
  check('trades by session key ask the wallet for nothing', shown.length === 4);
  check('nothing was logged as an error', errors.length === 0, errors.join(' '));
  await page.close();
}

const ran = await withBrowser(async (context) => {
  await trade(context, { width: 1280, height: 900 });
  await refusals(context);
  await roll(context);
});
// Each in a browser of its own: nobody's keys are there yet.
if (ran) {
  await withBrowser((context) => trade(context, { width: 360, height: 740 }));
  await withBrowser(walletTrades);
  await withBrowser(states);
}
await stop();
console.log(failures === 0 ? 'all well' : `${failures} failures`);
process.exit(failures === 0 ? 0 : 1);
