// Answers about the present: status, chain, quotes, accounts.
import { MARKET, DAY } from './market.mjs';
import { MILLION, Rejection, text, units } from './book.mjs';

const BLANK = { delta: 0, gamma: 0, vega: 0, theta: 0 };
const addGreeks = (a, b, size) => Object.fromEntries(Object.keys(BLANK).map((key) => [key, a[key] + b[key] * size]));
const price = (x) => (Math.round(x * 100) / 100).toString();

export function status(mock) {
  const { book, market, clock } = mock;
  return {
    version: '0.1.0-mock',
    venue_id: mock.venueId,
    mode: 'dev',
    market_time_ms: clock.now(),
    wall_time_ms: Date.now(),
    clock: { speed: clock.speed, paused: clock.paused },
    markets: [
      {
        market: MARKET,
        pool: 0,
        index_price: price(market.index),
        tick: market.tick,
        price_age_ms: clock.now() - market.publishedAt,
        surface_age_ms: clock.now() - market.surfaceAt,
        trading: { enabled: !mock.pausedBy, reason: mock.pausedBy ?? null },
      },
    ],
    last_seq: book.seq,
    durable_seq: book.seq,
    digest: 'b1946ac92492d2347c6235b4d2611184',
    limits: { body_bytes: 65_536, commands: 100, requests_per_second: 50, burst: 200, page: 500 },
  };
}

export function series({ market, book }, board, strike, letter, size) {
  const name = market.read(`${MARKET}-${board.label}-${strike}-${letter}`);
  const mark = market.mark(name);
  const vol = market.vol(board, strike) * 100;
  const greeks = market.greeks(name);
  const held = book.pool.positions.get(name.text) ?? 0;
  const side = (way) => {
    const { parts } = book.cost([{ instrument: name.text, size: way * size }]);
    const each = (way * parts.total) / MILLION / size;
    return { each, helps: parts.impact < 0 };
  };
  const [ask, bid] = [side(1), side(-1)];
  const edge = (each) => (greeks.vega > 0.01 ? vol + (each - mark) / greeks.vega : null);
  return {
    instrument_name: name.text,
    mark_price: mark,
    mark_iv: mark > 0.01 ? vol : null,
    bid_price: bid.each > 0 ? price(bid.each) : null,
    ask_price: price(ask.each),
    bid_iv: bid.each > 0 ? edge(bid.each) : null,
    ask_iv: edge(ask.each),
    greeks,
    open_interest: text(Math.abs(held) * 1.4),
    pool_position: text(held),
    buy_helps_pool: ask.helps,
    sell_helps_pool: bid.helps,
  };
}

export function chainExpiry(mock, board, size = 1) {
  const { market } = mock;
  return {
    expiry: board.label,
    expiration_timestamp: board.at,
    years: (board.at - market.publishedAt) / (365 * DAY),
    forward: market.forward(board),
    atm_iv: market.vol(board, market.forward(board)) * 100,
    settlement_band: { floor: String(board.floor), cap: String(board.cap) },
    strikes: board.strikes.map((strike) => ({
      strike: String(strike),
      call: series(mock, board, strike, 'C', size),
      put: series(mock, board, strike, 'P', size),
    })),
  };
}

export function chain(mock, query) {
  const { market, book } = mock;
  const wanted = query.get('expiry');
  const boards = market.expiries.filter((board) => !wanted || board.label === wanted);
  if (boards.length === 0) throw new Rejection('not_found', `There is no expiry ${wanted}.`, {}, 404);
  const size = Number(query.get('size') ?? 1);
  return {
    market: MARKET,
    index_price: price(market.index),
    tick: market.tick,
    published_at: market.publishedAt,
    size: String(size),
    expiries: boards.map((board) => chainExpiry(mock, board, size)),
    as_of_seq: book.seq,
  };
}

const brief = (book, account, positions = account.positions, cash = account.cash) => ({ cash: text(cash), locked: text(book.obligation(positions)) });

/** Profit by settlement price of legs of one expiry, at every kink. */
function kinks(market, legs, total) {
  const { board } = legs[0].name;
  const prices = [board.floor, ...new Set(legs.map((leg) => leg.name.strike)), board.cap].sort((a, b) => a - b);
  return prices.map((at) => ({ at, profit: legs.reduce((sum, leg) => sum + leg.size * market.payoff(leg.name, at), 0) - total }));
}

export function quote(mock, ask) {
  const { market, book } = mock;
  if (!Array.isArray(ask.legs) || ask.legs.length === 0) throw new Rejection('invalid', 'legs must be 1 to 8 of them', { field: 'legs', rule: '1 to 8 of them' });
  const { read, parts } = book.cost(ask.legs);
  const account = ask.account ? book.account(ask.account) : null;
  const total = parts.total / MILLION;
  const one = read.every((leg) => leg.name.board === read[0].name.board);
  const line = one ? kinks(market, read, total) : [];
  const evens = [];
  for (const [at, point] of line.entries()) {
    const before = line[at - 1];
    if (before && before.profit * point.profit < 0) evens.push(before.at - (before.profit * (point.at - before.at)) / (point.profit - before.profit));
  }
  const profits = line.map((point) => point.profit);
  const refusal = book.refusal(account, ask.legs, parts.total, ask.reduce_only);
  const after = account && book.with(account.positions, ask.legs);
  const least = Math.min(...read.map((leg) => Math.abs(leg.size)));
  const money = (x) => text(Math.round(x * MILLION));
  return {
    market: MARKET,
    tick: market.tick,
    index_price: price(market.index),
    published_at: market.publishedAt,
    cost: Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, text(value)])),
    average_price: price(Math.abs(total / least)),
    legs: read.map((leg) => ({ instrument: leg.name.text, size: String(leg.size), mark_price: leg.mark, mark_iv: market.vol(leg.name.board, leg.name.strike) * 100 })),
    greeks: read.reduce((sum, leg) => addGreeks(sum, leg.greeks, leg.size), BLANK),
    break_evens: evens.map(price),
    worst_case: money(one ? Math.min(...profits) : -Math.abs(total) * 4),
    best_case: money(one ? Math.max(...profits) : Math.abs(total) * 4),
    limit_suggested: text(parts.total + Math.ceil(Math.abs(parts.total) * 0.004) + 2 * MILLION),
    keeper_fee: '0.05',
    account_before: account && brief(book, account),
    account_after: account && brief(book, account, after, account.cash - parts.total - (book.obligation(after) - book.obligation(account.positions))),
    refusal: refusal?.body.error ?? null,
    largest: ask.largest ? largest(book, account, ask, parts) : null,
    as_of_seq: book.seq,
  };
}

function largest(book, account, ask, parts) {
  const least = Math.min(...ask.legs.map((leg) => Math.abs(Number(leg.size))));
  const each = Math.max(parts.total / least, 1);
  const affordable = account ? Math.floor((account.cash / each) * 100) / 100 : Infinity;
  const cap = 132.5;
  const size = Math.max(0, Math.min(cap, affordable));
  const binds =
    affordable < cap
      ? { code: 'insufficient_cash', message: `The account has ${text(account?.cash ?? 0)} free. Deposit more to trade more.`, data: {} }
      : { code: 'pool_capacity', message: 'The pool locks no more than 85% of its risk capital. Try another expiry, or wait until others close.', data: { rule: 'u_max' } };
  return { sizes: ask.legs.map((leg) => String(Math.round((Number(leg.size) / least) * size * 100) / 100)), binds };
}

export function whatif(mock, ask) {
  const { market, book } = mock;
  let held = new Map();
  if (ask.account) held = new Map(book.account(ask.account).positions);
  if (ask.pool) held = new Map(book.pool.positions);
  for (const name of ask.remove ?? []) held.delete(name);
  held = book.with(held, ask.add ?? []);
  const legs = [...held].map(([name, size]) => ({ name: market.read(name), size: size / MILLION })).filter((leg) => leg.name);
  const worth = (shock) => legs.reduce((sum, leg) => sum + leg.size * market.mark(leg.name, shock), 0);
  const value = worth({});
  const dates = ask.dates?.length ? ask.dates : [market.publishedAt];
  const boards = [...new Set(legs.map((leg) => leg.name.board))];
  return {
    value,
    greeks: legs.reduce((sum, leg) => addGreeks(sum, market.greeks(leg.name), leg.size), BLANK),
    index_price: price(market.index),
    grids: dates.map((at) => ({ at, pnl: ask.vol_shocks.map((points) => ask.spot_shocks.map((shift) => worth({ shift, points, at }) - value)) })),
    payoffs: boards.map((board) => ({
      expiry: board.label,
      expiration_timestamp: board.at,
      settlement_band: { floor: String(board.floor), cap: String(board.cap) },
      points: kinks(market, legs.filter((leg) => leg.name.board === board), 0).map(({ at, profit }) => ({ price: String(at), payoff: text(profit * MILLION) })),
    })),
    as_of_seq: book.seq,
  };
}

export function account(mock, address) {
  const { market, book } = mock;
  const held = book.account(address);
  const positions = [...held.positions].map(([name, size]) => {
    const read = market.read(name);
    const mark = market.mark(read);
    const value = Math.round(size * mark);
    const spent = held.spent.get(name) ?? 0;
    return {
      instrument_name: name,
      expiration_timestamp: read.board.at,
      strike: String(read.strike),
      option_type: read.call ? 'call' : 'put',
      size: text(size),
      mark_price: mark,
      value: text(value),
      average_price: spent / size,
      floating_profit_loss: (value - spent) / MILLION,
      // What closing parts brought is in what was spent.
      realised_profit_loss: null,
      greeks: addGreeks(BLANK, market.greeks(read), size / MILLION),
      settled: false,
    };
  });
  positions.sort((a, b) => a.expiration_timestamp - b.expiration_timestamp);
  const value = positions.reduce((sum, row) => sum + units(row.value), 0);
  const locked = book.obligation(held.positions);
  const marketPnl = positions.reduce((sum, row) => sum + row.floating_profit_loss * MILLION, 0) - Object.values(held.pnl).reduce((a, b) => a + b, 0);
  const pnl = { market: Math.round(marketPnl), impact: 0, capital: 0, spread: 0, latency: 0, fee: 0, rounding: 0, keeper: 0, transfer: 0, ...held.pnl };
  const total = Object.values(pnl).reduce((a, b) => a + b, 0);
  return {
    account: address,
    wallet: text(held.wallet),
    cash: text(held.cash),
    locked: text(locked),
    value: text(value),
    equity: text(held.cash + locked + value),
    worst_case: text(held.cash),
    greeks: positions.reduce((sum, row) => addGreeks(sum, row.greeks, 1), BLANK),
    pnl: Object.fromEntries(Object.entries({ ...pnl, total }).map(([name, part]) => [name, text(part)])),
    positions,
    orders: [...book.orders.values()].filter((order) => order.account === address && ['durable', 'resting'].includes(order.state)),
    stakes: held.shares > 0 || held.requests.length > 0 ? [{ pool: 0, shares: text(held.shares), locked: '0', locked_until: null, value: text(held.shares * 1.0152), requests: held.requests }] : [],
    sessions: held.sessions,
    nonce_floor: 0,
    nonce_next: Date.now(),
    as_of_seq: book.seq,
  };
}
