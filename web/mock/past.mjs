// Answers about the pool, the market's rules and the past.
import { MARKET, DAY, seeded } from './market.mjs';
import { MILLION, text } from './book.mjs';
import { whatif } from './answers.mjs';

const SHOCKS = [-0.49, -0.37, -0.2, -0.12, -0.06, 0, 0.06, 0.13, 0.25, 0.58, 0.96];

function totals(mock) {
  const { market, book } = mock;
  const rows = market.expiries.map((board) => {
    const held = new Map([...book.pool.positions].filter(([name]) => name.includes(`-${board.label}-`)));
    const sum = { value: 0, greeks: { delta: 0, gamma: 0, vega: 0, theta: 0 } };
    for (const [name, size] of held) {
      const read = market.read(name);
      if (!read) continue;
      const greeks = market.greeks(read);
      sum.value += (size / MILLION) * market.mark(read);
      for (const key of Object.keys(sum.greeks)) sum.greeks[key] += (size / MILLION) * greeks[key];
    }
    return { board, locked: book.obligation(held), ...sum };
  });
  return { rows, value: rows.reduce((sum, row) => sum + row.value, 0), locked: rows.reduce((sum, row) => sum + row.locked, 0) };
}

export function pool(mock) {
  const { book } = mock;
  const { rows, value, locked } = totals(mock);
  const mid = book.pool.cash + Math.round(value * MILLION);
  const gap = Math.round(mid * 0.004);
  const capital = mid - gap;
  const zero = { delta: 0, gamma: 0, vega: 0, theta: 0 };
  const pnl = { market: Math.round(value * 0.1 * MILLION), impact: 41_200_000_000, rent: 9_310_500_000, spread: 28_400_120_000, latency: 3_150_000_000, fee: 12_090_000_000, rounding: 214 };
  return {
    pool: 0,
    name: 'Main',
    nav_low: text(capital),
    nav_mid: text(mid),
    nav_high: text(mid + gap),
    share_price: capital / book.pool.shares,
    shares: text(book.pool.shares),
    cash: text(book.pool.cash - locked),
    locked: text(locked),
    risk_capital: text(capital),
    utilisation: (locked / capital) * 100,
    utilisation_cap: 85,
    load: 4.2,
    load_cap: 50,
    winding_down: false,
    greeks: rows.reduce((sum, row) => Object.fromEntries(Object.keys(zero).map((key) => [key, sum[key] + row.greeks[key]])), zero),
    expiries: rows.map((row) => ({ market: MARKET, expiry: row.board.label, expiration_timestamp: row.board.at, value: row.value, greeks: row.greeks })),
    obligations: rows.map((row) => ({ market: MARKET, expiry: row.board.label, expiration_timestamp: row.board.at, locked: text(row.locked), share: (row.locked / capital) * 100 })),
    pnl: Object.fromEntries(Object.entries({ ...pnl, total: Object.values(pnl).reduce((a, b) => a + b, 0) }).map(([name, part]) => [name, text(part)])),
    queue: { open_epoch: book.pool.epoch, closing_epoch: null, due_at: null, priced_from: mock.clock.now() + 2_000, waiting: '0', lock_ms: DAY },
    as_of_seq: book.seq,
  };
}

export function risk(mock) {
  const grid = whatif(mock, { pool: true, spot_shocks: SHOCKS, vol_shocks: [-20, 0, 25] }).grids[0].pnl;
  const worst = Math.min(...grid.flat());
  const row = grid.findIndex((line) => line.includes(worst));
  const at = grid[row].indexOf(worst);
  const weights = [1 / 6, 2 / 3, 1 / 6].map((v) => [0.00017, 0.0011, 0.0076, 0.0417, 0.2087, 0.4815, 0.2087, 0.0417, 0.0076, 0.0011, 0.00017].map((s) => s * v));
  return {
    pool: 0,
    books: [
      {
        market: MARKET,
        spot_shocks: SHOCKS,
        vol_factors: [0.46, 0.92, 1.85],
        pnl: grid,
        weights,
        worst: `Index ${Math.round(SHOCKS[at] * 100)}% with vol times ${[0.46, 0.92, 1.85][row]}: ${Math.round(worst).toLocaleString('en')} USDC`,
      },
    ],
    as_of_seq: mock.book.seq,
  };
}

export function navPoint(mock) {
  const now = pool(mock);
  return {
    time: mock.clock.now(),
    nav_low: Number(now.nav_low),
    nav_mid: Number(now.nav_mid),
    nav_high: Number(now.nav_high),
    share_price: now.share_price,
    index_price: mock.market.index,
    utilisation: now.utilisation,
  };
}

export function nav(mock, query) {
  const last = navPoint(mock);
  const points = Number(query.get('points') ?? 200);
  const to = Number(query.get('to') ?? last.time);
  const from = Number(query.get('from') ?? to - 40 * DAY);
  const rows = Array.from({ length: points }, (_, i) => {
    const part = i / Math.max(points - 1, 1);
    const factor = 1 - 0.02 * (1 - part) + 0.004 * Math.sin(i / 9) * (1 - part);
    const index = last.index_price * (1 - 0.06 * (1 - part) + 0.02 * Math.sin(i / 21) * (1 - part));
    return { ...last, time: Math.round(from + (to - from) * part), nav_low: last.nav_low * factor, nav_mid: last.nav_mid * factor, nav_high: last.nav_high * factor, share_price: last.share_price * factor, index_price: index };
  });
  const days = (to - from) / DAY;
  return {
    points: rows,
    summary: { days, since_start: 2.04, last_30_days: days < 30 ? null : 1.62, annualised: days < 30 ? null : 19.7, max_drawdown: -0.81, worst_day: -0.44, holding_index: 6.4 },
    as_of_seq: mock.book.seq,
  };
}

export function surface(mock) {
  const { market, book } = mock;
  return {
    market: MARKET,
    published_at: market.surfaceAt,
    age_ms: mock.clock.now() - market.surfaceAt,
    clipped: false,
    sigma_ref: market.level * 100,
    nodes: [1, 7, 14, 30, 60, 90].map((days) => ({ days, theta: (market.atm(days / 365) ** 2 * days) / 365, rho: -0.21, psi: 0.08 * Math.sqrt(days / 30), carry: (0.04 * days) / 365 })),
    slices: market.expiries.map((board) => ({
      expiry: board.label,
      expiration_timestamp: board.at,
      forward: market.forward(board),
      atm_iv: market.vol(board, market.forward(board)) * 100,
      points: board.strikes.map((strike) => {
        const vol = market.vol(board, strike) * 100;
        return { strike: String(strike), mark_iv: vol, bid_iv: vol - 0.9, ask_iv: vol + 0.9 };
      }),
    })),
    as_of_seq: book.seq,
  };
}

export function parameters(mock) {
  const row = (name, value, min, max, meaning) => ({ name, value, min, max, meaning });
  return {
    market: MARKET,
    publishers: ['cenote1qqqsyqcyq5rqwzqfpg9scrgwpugpzysn3tn8ds'],
    surface_source: 'published',
    price_tick: '500',
    rules: [
      row('commit_delay', '1 s', '0 s', '1 h', 'An order fills at the first price published at least so long after it: nobody trades at a price already known.'),
      row('vol_spread', '0.75 vol points at 30 d', '0', '10', 'Half-spread on vega. Deribit asks 0.58 at the money.'),
      row('fee_notional', '3 bp', '0 bp', '100 bp', 'Fee on the notional of a leg.'),
      row('surface_age_max', '10 min', '1 min', '1 d', 'A surface older than this opens nothing.'),
    ],
    pool_rules: [row('u_max', '85%', '0%', '100%', 'The most of risk capital that trades may lock.'), row('lock', '1 d', '0', '30 d', 'Entering shares are locked for so long.')],
    proposals: [{ proposal: 3, summary: 'vol_spread from 0.75 to 0.80 vol points', enact_from: mock.clock.now() + 2 * DAY }],
    timelock_ms: 7 * DAY,
    paused: false,
    insurance: '120400.25',
    treasury: '60110',
  };
}

export function candles(mock, query) {
  const minutes = query.get('resolution') === '1D' ? 1_440 : Number(query.get('resolution') ?? 60);
  const step = minutes * 60_000;
  const to = Math.floor(Number(query.get('to') ?? mock.clock.now()) / step) * step;
  const from = Number(query.get('from') ?? to - 100 * step);
  const random = seeded(7);
  const out = { ticks: [], open: [], high: [], low: [], close: [], volume: [], cost: [], source: [], status: 'ok', as_of_seq: mock.book.seq };
  let last = mock.market.index * 0.986;
  for (let at = Math.ceil(from / step) * step; at <= to && out.ticks.length < 1_000; at += step) {
    const close = at + step > to ? mock.market.index : last * (1 + (random() - 0.495) * 0.004);
    out.ticks.push(at);
    out.open.push(last);
    out.high.push(Math.max(last, close) * 1.0008);
    out.low.push(Math.min(last, close) * 0.9992);
    out.close.push(close);
    out.volume.push(0);
    out.cost.push(0);
    out.source.push('index');
    last = close;
  }
  return out;
}

/** Newest first, `before` a number of a row's own. */
export function page(rows, query, key) {
  const before = Number(query.get('before') ?? Infinity);
  const limit = Math.min(Number(query.get('limit') ?? 100), 500);
  const found = rows.filter((row) => row[key] < before).reverse();
  return { rows: found.slice(0, limit), has_more: found.length > limit };
}

export function events(mock, query, rows = mock.book.events) {
  const from = Number(query.get('from_seq') ?? 0);
  const limit = Math.min(Number(query.get('limit') ?? 100), 500);
  const type = query.get('type');
  const found = rows.filter((event) => event.seq >= from && (!type || event.type === type));
  const shown = found.slice(0, limit);
  return { events: shown, next_seq: (shown.at(-1)?.seq ?? mock.book.seq) + 1, has_more: found.length > limit, as_of_seq: mock.book.seq };
}

export function explain(mock, seq) {
  const found = mock.book.events.filter((event) => event.seq === seq);
  const fill = mock.book.fills.find((row) => row.seq === seq);
  return {
    seq,
    time: found[0]?.time ?? mock.clock.now(),
    sender: fill?.account ?? 'cenote1qqqsyqcyq5rqwzqfpg9scrgwpugpzysn3tn8ds',
    principal: null,
    command: fill ? `Fills order ${fill.order}` : 'A price',
    body: {},
    events: found,
    postings: fill ? [{ from: `account ${fill.account}`, to: 'pool 0', amount: fill.cost.total, reason: 'premium and charges' }] : [],
    digest: 'b1946ac92492d2347c6235b4d2611184',
  };
}
