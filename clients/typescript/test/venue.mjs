// The client against a venue in dev mode: `CENOTE_NODE=http://127.0.0.1:8980 npm run test:venue`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { addressOf, ask, connect, holds, newKey, publicKey, signAdr36, signRaw } from '@cenote/client';
import WebSocket from 'ws';

const base = process.env.CENOTE_NODE;
if (!base) {
  console.log('skipped: no CENOTE_NODE; start a venue with `cenote up` and give its address');
  process.exit(0);
}

let failures = 0;
function check(name, good, what = '') {
  console.log(`${good ? 'ok  ' : 'FAIL'} ${name}${what ? ` (${what})` : ''}`);
  if (!good) failures += 1;
}

/** The example as its README has it run, in a process of its own. */
async function example() {
  const path = fileURLToPath(new URL('../examples/trade.mjs', import.meta.url));
  const child = spawn(process.execPath, [path], { env: { ...process.env, CENOTE_NODE: base }, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk) => (said += chunk));
  const [code] = await once(child, 'close');
  check('the example ends well', code === 0);
  check('it says what the call costs', /^0\.1 of \S+-C cost \d+\.\d+ at tick \d+/m.test(said), said.split('\n')[0]);
  check('it waits for the fill and says its tick', /^filled at tick \d+ for \d+\.\d+: mark \d+\.\d+, fee \d+\.\d+$/m.test(said), said.split('\n')[1]);
  check('it holds what it bought', /holds 0\.1 of \S+-C and \d+\.\d+ in cash/.test(said), said.split('\n')[2]);
}

/** A key that signs as wallets do, and a session key that trades for it. */
async function envelopes(venue) {
  const key = newKey();
  const describe = async (payload) => (await ask(venue.api.POST('/v1/commands/describe', { body: { payload } }))).text;
  let words = '';
  const asWallet = {
    asks: true,
    async sign(payload) {
      const text = JSON.stringify(payload);
      words = await describe(text);
      return signAdr36(text, words, key);
    },
  };
  const owner = venue.trader(asWallet, addressOf(publicKey(key)));
  await owner.fund('5000');
  const session = newKey();
  const grant = { type: 'grant_session', key: addressOf(publicKey(session)), trade: true, liquidity: false, daily_cap: '4000', expires_at: venue.time + 3_600_000 };
  await owner.send([grant]);
  const { sessions } = await owner.account();
  check('the ADR-36 envelope is taken', sessions.length === 1 && /SHA-256 [0-9a-f]{64}$/.test(words));

  const trader = venue.trader({ sign: (payload) => signRaw(payload, session) }, owner.address);
  const { expiries } = await venue.chain();
  const legs = [{ instrument: expiries[2].strikes[3].put.instrument_name, size: '0.05' }];
  const life = await trader.place({ legs, limit: '1000' }).over;
  check('a session key trades for the account that granted it', life.state === 'filled', `${life.state} ${life.reason?.message ?? ''}`);

  const signed = await venue.sender.sign(owner.address, asWallet, [grant]);
  const report = await ask(venue.api.POST('/v1/debug/signature', { body: signed }));
  const other = { ...signed, payload: signed.payload.replace('4000', '4001') };
  const wrong = await ask(venue.api.POST('/v1/debug/signature', { body: other }));
  const here = [holds(signed, words), holds(other, await describe(other.payload))];
  check('client and venue agree on which signature holds', report.valid && !wrong.valid && here[0] && !here[1]);
}

/** What goes wrong is a value, with its code and what to do. */
async function refusals(venue) {
  const poor = venue.trader(newKey());
  await poor.fund('1');
  const { expiries } = await venue.chain();
  const legs = [{ instrument: expiries[2].strikes[3].put.instrument_name, size: '1' }];
  const life = await poor.place({ legs, limit: '10000' }).over;
  check('an order that cannot be paid is refused, not thrown', life.reason?.code === 'insufficient_cash', life.reason?.message);
  const thrown = await poor.quote([{ instrument: 'BTC_USDC-1JAN20-1-C', size: '1' }]).catch((refusal) => refusal);
  check('a refusal has a code and a sentence', typeof thrown.code === 'string' && thrown.status >= 400 && thrown.sentence.length > 0, `${thrown.code}: ${thrown.message}`);
}

/** The journal's events through a lost connection. */
async function resumes(venue) {
  const heard = [];
  const stop = venue.events(1, (event) => heard.push(`${event.seq}.${event.index}`));
  const until = async (seq) => {
    for (let n = 0; n < 200 && !heard.some((each) => Number(each.split('.')[0]) >= seq); n += 1) await new Promise((resolve) => setTimeout(resolve, 50));
  };
  await until(5);
  wires.at(-1).terminate();
  const { last_seq: last } = await venue.refresh();
  await until(last + 1);
  stop();
  const pages = [];
  for (let from = 1; from <= last; ) {
    const { events } = await ask(venue.api.GET('/v1/events', { params: { query: { from_seq: from, limit: 1000 } } }));
    if (events.length === 0) break;
    pages.push(...events.map((event) => `${event.seq}.${event.index}`));
    from = events.at(-1).seq + 1;
  }
  const wanted = pages.filter((each) => Number(each.split('.')[0]) <= last);
  const got = heard.filter((each) => Number(each.split('.')[0]) <= last);
  check('the journal is told from its start, through a lost connection, none twice and none left out', wires.length === 2 && got.join() === wanted.join(), `${got.length} of ${wanted.length} events`);
}

/** Every connection that the client made. */
const wires = [];
class Watched extends WebSocket {
  constructor(url) {
    super(url);
    wires.push(this);
  }
}

await example();
const venue = await connect(base, { WebSocket: Watched });
await envelopes(venue);
await refusals(venue);
await resumes(venue);
venue.close();
process.exit(failures === 0 ? 0 : 1);
