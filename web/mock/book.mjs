// Accounts, orders and the pool of the mock. Amounts are whole millionths in JavaScript numbers: good for plausible sizes, not for the product.
import { MARKET } from './market.mjs';

export const MILLION = 1_000_000;
export const text = (units) => {
  const size = Math.abs(Math.round(units));
  const digits = String(size).padStart(7, '0');
  return `${units < 0 && size > 0 ? '-' : ''}${`${digits.slice(0, -6)}.${digits.slice(-6)}`.replace(/\.?0+$/, '')}`;
};
export const units = (amount) => Math.round(Number(amount) * MILLION);

export class Rejection extends Error {
  constructor(code, message, data = {}, status = 400) {
    super(message);
    Object.assign(this, { code, data, status });
  }
  get body() {
    return { error: { code: this.code, message: this.message, data: this.data } };
  }
}

export class Book {
  constructor(market, now) {
    this.market = market;
    this.now = now;
    this.seq = 88_000;
    this.accounts = new Map();
    this.orders = new Map();
    this.events = [];
    this.trades = [];
    this.fills = [];
    this.pool = { cash: 10_000_000 * MILLION, shares: 9_850_000 * MILLION, positions: new Map(), epoch: 41 };
    this.seenNonces = new Map();
    this.onevent = () => {};
    this.#stock();
  }

  /** Something on the pool's book from the start. */
  #stock() {
    for (const [at, board] of this.market.expiries.entries()) {
      for (const [k, strike] of board.strikes.entries()) {
        const size = Math.round(((at * 7 + k * 13) % 11) - 6) * 0.5;
        if (size !== 0 && (k + at) % 3 === 0) this.pool.positions.set(`${MARKET}-${board.label}-${strike}-${k % 2 ? 'C' : 'P'}`, size * MILLION);
      }
    }
  }

  account(address) {
    if (!this.accounts.has(address)) {
      this.accounts.set(address, { address, wallet: 0, cash: 0, positions: new Map(), spent: new Map(), requests: [], shares: 0, sessions: [], pnl: {} });
    }
    return this.accounts.get(address);
  }

  emit(what) {
    const event = { seq: this.seq, index: this.events.filter((each) => each.seq === this.seq).length, time: this.now(), ...what };
    this.events.push(event);
    if (this.events.length > 5_000) this.events.shift();
    this.onevent(event);
    return event;
  }

  /** The most that positions can lose at settlement, by board. */
  obligation(positions) {
    const boards = new Map();
    for (const [name, size] of positions) {
      const read = this.market.read(name);
      if (!read || size === 0) continue;
      boards.set(read.board, [...(boards.get(read.board) ?? []), { read, size }]);
    }
    let sum = 0;
    for (const [board, held] of boards) {
      const prices = [board.floor, ...board.strikes, board.cap];
      const worst = Math.max(...prices.map((at) => -held.reduce((total, { read, size }) => total + size * this.market.payoff(read, at), 0)));
      sum += Math.max(0, Math.ceil(worst));
    }
    return sum;
  }

  /** Every part of the cost of some legs, adding up. */
  cost(legs) {
    const read = legs.map((leg) => {
      const name = this.market.read(leg.instrument);
      if (!name) throw new Rejection('not_found', `\`${leg.instrument}\` is not listed. See /v1/instruments.`, {}, 404);
      return { name, size: Number(leg.size), greeks: this.market.greeks(name), mark: this.market.mark(name) };
    });
    const sum = (f) => Math.round(read.reduce((total, leg) => total + f(leg), 0) * MILLION);
    const vega = read.reduce((total, leg) => total + leg.size * leg.greeks.vega, 0);
    const poolVega = this.#poolVega();
    const parts = {
      mark: sum((leg) => leg.size * leg.mark),
      impact: Math.round((0.00002 * vega * vega - 0.00004 * vega * poolVega) * MILLION),
      capital: sum((leg) => Math.abs(leg.size) * 6.2),
      spread: sum((leg) => Math.abs(leg.size) * (0.75 * leg.greeks.vega + 4)),
      latency: sum((leg) => Math.abs(leg.size * leg.greeks.delta) * 3),
      fee: sum((leg) => Math.abs(leg.size) * Math.min(0.0003 * this.market.index, 0.1 * leg.mark)),
      rounding: 1,
    };
    const total = Object.values(parts).reduce((a, b) => a + b, 0);
    return { read, parts: { ...parts, total } };
  }

  #kept = { tick: -1, positions: null, vega: 0 };
  #poolVega() {
    const { positions } = this.pool;
    if (this.#kept.tick !== this.market.tick || this.#kept.positions !== positions) {
      let vega = 0;
      for (const [name, size] of positions) {
        const known = this.market.read(name);
        if (known) vega += (size / MILLION) * this.market.greeks(known).vega;
      }
      this.#kept = { tick: this.market.tick, positions, vega };
    }
    return this.#kept.vega;
  }

  /** Positions with legs added. */
  with(positions, legs) {
    const next = new Map(positions);
    for (const leg of legs) next.set(leg.instrument, (next.get(leg.instrument) ?? 0) + units(leg.size));
    for (const [name, size] of next) if (size === 0) next.delete(name);
    return next;
  }

  /** The first rule that refuses an order, or `null`. */
  refusal(account, legs, total, reduceOnly) {
    const size = Math.max(...legs.map((leg) => Math.abs(Number(leg.size))));
    if (size > 132.5) {
      const message = `The pool can take 132.5 more of this, and ${size} were asked for. Trade at most 132.5, or another expiry.`;
      return new Rejection('pool_capacity', message, { max_amount: '132.5', asked: String(size), rule: 'u_max' });
    }
    if (!account) return null;
    const before = this.obligation(account.positions);
    const after = this.obligation(this.with(account.positions, legs));
    const free = account.cash - total - (after - before);
    if (free < 0) {
      const needed = total + after - before;
      const message = `This takes ${text(needed)} and the account has ${text(account.cash)} free. Deposit ${text(-free)} more, or trade less.`;
      return new Rejection('insufficient_cash', message, { needed: text(needed), free: text(account.cash) });
    }
    const grows = legs.some((leg) => Math.abs((account.positions.get(leg.instrument) ?? 0) + units(leg.size)) > Math.abs(account.positions.get(leg.instrument) ?? 0));
    return reduceOnly && grows ? new Rejection('would_increase', 'The order may only reduce, and a leg would open or enlarge a position.') : null;
  }

  place(address, order) {
    const { parts } = this.cost(order.legs);
    const refused = this.refusal(this.account(address), order.legs, Math.max(parts.total, units(order.limit)), order.reduce_only);
    if (refused) throw refused;
    this.seq += 1;
    const now = this.now();
    const row = {
      order: this.seq,
      account: address,
      market: MARKET,
      legs: order.legs,
      limit: order.limit,
      state: 'durable',
      label: order.label ?? null,
      placed_at: now,
      due_at: now + 1_000,
      until: order.until ?? null,
      reduce_only: order.reduce_only ?? false,
      attempts: order.attempts ?? 1,
      cancel_from: null,
      tick: null,
      cost: null,
      ended: null,
      reason: null,
      updated_at: now,
    };
    this.orders.set(row.order, row);
    return [this.emit({ type: 'order_placed', order: row.order, account: address, market: MARKET, due_at: row.due_at, label: row.label })];
  }

  /** Tries what is due at the tick that has just been published. */
  fillDue() {
    for (const order of this.orders.values()) {
      if (!['durable', 'resting'].includes(order.state) || order.due_at > this.market.publishedAt) continue;
      this.seq += 1;
      if (order.cancel_from) this.#end(order, 'cancelled', null);
      else if (order.until && order.until < this.now()) this.#end(order, 'expired', order.reason);
      else this.#attempt(order);
    }
  }

  #attempt(order) {
    const account = this.account(order.account);
    const { read, parts } = this.cost(order.legs);
    let why = this.refusal(account, order.legs, parts.total, order.reduce_only);
    if (!why && parts.total > units(order.limit)) {
      why = new Rejection('limit_exceeded', `The cost of ${text(parts.total)} is above the limit of ${order.limit}. Raise the limit, or trade less.`, {
        quoted: text(parts.total),
        limit: order.limit,
      });
    }
    order.updated_at = this.now();
    if (why) {
      const reason = why.body.error;
      order.attempts -= 1;
      order.reason = reason;
      if (!order.until || order.attempts <= 0) return this.#end(order, 'not_filled', reason);
      if (order.state !== 'resting') this.emit({ type: 'order_rested', order: order.order, reason });
      order.state = 'resting';
      return undefined;
    }
    return this.#fill(order, account, read, parts);
  }

  #fill(order, account, read, parts) {
    const before = this.obligation(account.positions);
    for (const leg of order.legs) account.spent.set(leg.instrument, (account.spent.get(leg.instrument) ?? 0) + (parts.total * Math.abs(Number(leg.size))) / order.legs.reduce((sum, each) => sum + Math.abs(Number(each.size)), 0));
    account.positions = this.with(account.positions, order.legs);
    this.pool.positions = this.with(this.pool.positions, order.legs.map((leg) => ({ ...leg, size: -Number(leg.size) })));
    account.cash -= parts.total + this.obligation(account.positions) - before;
    this.pool.cash += parts.total;
    for (const [name, part] of Object.entries(parts)) if (name !== 'total' && name !== 'mark') account.pnl[name] = (account.pnl[name] ?? 0) - part;
    const cost = Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, text(value)]));
    Object.assign(order, { state: 'filled', tick: this.market.tick, cost });
    const trades = read.map((leg) => ({
      trade_seq: this.trades.length + 1,
      seq: this.seq,
      order: order.order,
      time: this.now(),
      instrument_name: leg.name.text,
      direction: leg.size > 0 ? 'buy' : 'sell',
      amount: String(Math.abs(leg.size)),
      price: (leg.mark * (parts.total / (parts.mark || 1))) || leg.mark,
      mark_price: leg.mark,
      iv: this.market.vol(leg.name.board, leg.name.strike) * 100,
      index_price: String(this.market.index),
      tick: this.market.tick,
    }));
    this.trades.push(...trades);
    this.fills.push({ account: order.account, label: order.label, trades, cost, seq: this.seq, order: order.order, time: this.now() });
    this.emit({ type: 'order_filled', order: order.order, account: order.account, market: MARKET, tick: this.market.tick, legs: order.legs, cost });
  }

  #end(order, ended, reason) {
    Object.assign(order, { state: 'ended', ended, reason, updated_at: this.now() });
    this.emit({ type: 'order_ended', order: order.order, account: order.account, ended, reason });
  }

  cancel(address, number) {
    const order = this.orders.get(number);
    if (!order || order.account !== address) throw new Rejection('order_not_found', `There is no live order ${number} of this account.`, {}, 404);
    this.seq += 1;
    order.cancel_from = this.now() + 1_000;
    order.due_at = Math.max(order.due_at, order.cancel_from);
    return [this.emit({ type: 'cancel_requested', order: number, from: order.cancel_from })];
  }
}
