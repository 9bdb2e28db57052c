// What the ticket shows is what is paid: random orders at a venue in dev mode (CENOTE_NODE), quoted and placed by the page's own client. For the tick that priced
// it, a quote equals the fill to the unit. The clock stands: the venue goes on to the tick, is asked, goes back, and takes the order.
import WebSocket from 'ws';
import { client } from './client.mjs';

const ORDERS = Number(process.env.ORDERS ?? 200);
const SEED = Number(process.env.SEED ?? 20260105);
/** No more series than an account can hold. */
const STRIDE = 6;
const base = process.env.CENOTE_NODE;
if (!base) {
  console.log('skipped: no CENOTE_NODE; start a venue with `cenote up --rate-limit 0` and give its address');
  process.exit(0);
}

let failures = 0;
function check(name, good, what = '') {
  console.log(`${good ? 'ok  ' : 'FAIL'} ${name}${what ? ` (${what})` : ''}`);
  if (!good) failures += 1;
}

/** A small generator of choices: the same for the same seed. */
function choices(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}
const choose = choices(SEED);

/** When the price comes that an order sent now gets: the first one published a second after it. */
const next = (now) => Math.ceil((now + 1_000) / 1_000) * 1_000;

/** One leg, or up to four of different strikes: calls, puts and forwards, bought and sold, to two digits or to the last; now and then more than the pool takes. */
function legs(names) {
  const count = choose(3) === 0 ? 2 + choose(3) : 1;
  const picked = new Map();
  for (let n = 0; n < count; n += 1) {
    const option = names[choose(names.length)];
    const name = choose(12) === 0 ? `${option.slice(0, -1)}F` : option;
    const millionths = (choose(4) === 0 ? 10_000 + choose(390_001) : 10_000 * (1 + choose(40))) * (choose(25) === 0 ? 1_000 : 1);
    const size = `${choose(3) === 0 ? '-' : ''}${(millionths / 1_000_000).toFixed(6)}`;
    if (!picked.has(name.slice(0, -2))) picked.set(name.slice(0, -2), { instrument: name, size });
  }
  return [...picked.values()];
}

const venue = await client.connect(base, { WebSocket });
const { api } = venue;
const clock = (body) => client.ask(api.POST('/v1/dev/clock', { body }));
const named = { body: { name: 'preview' } };
/** Market time, which stands but for the steps made here. */
let { market_time_ms: now } = await clock({ pause: true });
const me = venue.trader(client.newKey());
await me.fund('5000000');
// From a tick on, so that the clock stands where the last command left it: that is where going back goes to.
({ market_time_ms: now } = await clock({ until: next(now) }));
const units = (amount) => BigInt(amount.replace(/\.(\d*)$/, (_, digits) => digits.padEnd(6, '0')).replace(/^(-?\d+)$/, (whole) => (amount.includes('.') ? whole : `${whole}000000`)));

const { instruments } = await client.ask(api.GET('/v1/instruments'));
const names = instruments.map((row) => row.instrument_name).filter((_, at) => at % STRIDE === 0);
const expiries = new Set(names.map((name) => name.split('-')[1]));
const differ = { cost: [], cash: [], lock: [], tick: [], refusal: [] };
const seen = { filled: 0, refused: 0, legs: [0, 0, 0, 0], bought: 0, sold: 0, expiries: new Set() };

/** Whatever does not come in a while is a failure, not a wait. */
function soon(promise) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error('an order was neither filled nor ended within 20 s')), 20_000).unref());
  return Promise.race([promise, late]);
}

const PARTS = ['mark', 'impact', 'capital', 'spread', 'latency', 'fee', 'rounding', 'total'];
const parts = (cost) => PARTS.map((part) => cost[part]).join();

async function round(n) {
  const wanted = legs(names);
  await client.ask(api.POST('/v1/dev/snapshot', named));
  const tick = next(now);
  await clock({ until: tick });
  const quote = await me.quote(wanted);
  await client.ask(api.POST('/v1/dev/revert', named));

  const placed = me.place({ legs: wanted, limit: '4000000', quoted: quote.cost });
  const durable = await placed.sent;
  if (durable.state !== 'refused') now = (await clock({ until: tick })).market_time_ms;
  const life = await soon(placed.over);
  const say = (kind, shown, was) => differ[kind].push(`order ${n}: shown ${JSON.stringify(shown)}, was ${JSON.stringify(was)}; ${JSON.stringify(wanted)}`);
  if (life.state !== 'filled') {
    seen.refused += 1;
    if (quote.refusal?.code !== life.reason?.code) say('refusal', quote.refusal?.code ?? 'a fill', life.reason?.code);
    return;
  }
  seen.filled += 1;
  seen.legs[wanted.length - 1] += 1;
  for (const leg of wanted) {
    seen[leg.size.startsWith('-') ? 'sold' : 'bought'] += 1;
    seen.expiries.add(leg.instrument.split('-')[1]);
  }
  if (quote.refusal) return say('refusal', quote.refusal.code, 'a fill');
  if (parts(life.cost) !== parts(quote.cost)) say('cost', quote.cost, life.cost);
  if (life.tick !== quote.tick) say('tick', quote.tick, life.tick);
  const { cash, locked } = await me.account();
  // The keeper's fee of the one attempt is not part of the trade.
  const after = units(quote.account_after.cash) - units(quote.keeper_fee);
  if (units(cash) !== after) say('cash', after.toString(), cash);
  if (locked !== quote.account_after.locked) say('lock', quote.account_after.locked, locked);
}

const begun = performance.now();
for (let n = 0; n < ORDERS; n += 1) await round(n);
const seconds = (performance.now() - begun) / 1_000;
await clock({ resume: true });
venue.close();

for (const found of Object.values(differ)) for (const line of found.slice(0, 3)) console.log(`     ${line}`);
const of = (kind, what) => check(`${seen.filled} fills had the ${what} that was shown`, differ[kind].length === 0, differ[kind].length > 0 ? `${differ[kind].length} did not` : '');
of('cost', 'cost');
of('cash', 'cash after it');
of('lock', 'lock after it');
of('tick', 'tick');
check(`${seen.refused} refusals were those that were shown`, differ.refusal.length === 0, differ.refusal.length > 0 ? `${differ.refusal.length} were not` : '');
check('the orders say something', seen.filled >= ORDERS * 0.6 && seen.legs.every((many) => many > 0) && seen.bought > 0 && seen.sold > 0 && seen.expiries.size === expiries.size, `of 1 to 4 legs: ${seen.legs.join(', ')}; ${seen.bought} bought, ${seen.sold} sold, ${seen.expiries.size} expiries, seed ${SEED}`);
console.log(`${ORDERS} orders in ${seconds.toFixed(1)} s`);
process.exit(failures === 0 ? 0 : 1);
