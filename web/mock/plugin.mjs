// A stand-in for a node while the page is developed: answers the HTTP API and the WebSocket under Vite's own server.
import { WebSocketServer } from 'ws';
import * as answers from './answers.mjs';
import { Book, Rejection } from './book.mjs';
import * as commands from './commands.mjs';
import { MARKET, Market } from './market.mjs';
import * as past from './past.mjs';

class Mock {
  constructor() {
    this.clock = { base: Date.now(), since: Date.now(), speed: 1, paused: false, now: () => this.#now() };
    this.venueId = `mock-${this.clock.base}`;
    this.market = new Market(7, this.clock.now());
    this.book = new Book(this.market, () => Math.floor(this.clock.now()));
    this.pausedBy = null;
    this.silent = false;
    this.sessions = new Set();
    this.book.onevent = (event) => this.#tell(event);
    commands.stock(this);
    let ticks = 0;
    setInterval(() => {
      if (this.clock.paused || this.silent) return;
      this.market.step(this.clock.speed, Math.floor(this.clock.now()));
      this.book.seq += 1;
      this.book.emit({ type: 'ticked', market: MARKET, tick: this.market.tick, price: String(this.market.index), confidence: '12', published_at: this.market.publishedAt, equity: '9960000', risk_capital: '9960000', guarded: false });
      this.book.fillDue();
      ticks += 1;
      if (ticks % 30 === 0) commands.runBatch(this);
      if (ticks % 9 === 0) this.#visitor();
      for (const session of this.sessions) session.speak();
    }, Number(process.env.MOCK_TICK_MS ?? 1_000)).unref();
  }

  #now() {
    const { base, since, speed, paused } = this.clock;
    return Math.floor(base + (paused ? 0 : (Date.now() - since) * speed));
  }

  turn(change) {
    const { clock } = this;
    Object.assign(clock, { base: this.#now() + (change.jump_ms ?? 0), since: Date.now() });
    setTimeout(() => this.sessions.forEach((session) => session.speak(['status'])));
    if (change.pause) clock.paused = true;
    if (change.resume) clock.paused = false;
    if (change.speed) clock.speed = change.speed;
    return answers.status(this);
  }

  /** Back to the snapshot, as far as a page can tell: numbers go back, positions stay. */
  revert() {
    Object.assign(this.market, { tick: this.snapshot.tick });
    Object.assign(this.book, { seq: this.snapshot.seq });
    return answers.status(this);
  }

  /** Somebody else trades. */
  #visitor() {
    const who = commands.devAccounts().accounts[1].address;
    const board = this.market.expiries[3];
    const strike = board.strikes[Math.floor(this.market.random() * board.strikes.length)];
    const leg = { instrument: `${MARKET}-${board.label}-${strike}-${this.market.random() > 0.5 ? 'C' : 'P'}`, size: '0.1' };
    try {
      this.book.account(who).cash += 1_000_000_000;
      this.book.place(who, { legs: [leg], limit: '100000', label: 'visitor' });
    } catch (error) {
      if (!(error instanceof Rejection)) throw error;
    }
  }

  #tell(event) {
    for (const session of this.sessions) session.tell(event);
  }
}

class Session {
  constructor(mock, socket) {
    Object.assign(this, { mock, socket, channels: new Map() });
    socket.on('message', (data) => this.#hear(JSON.parse(String(data))));
    socket.on('close', () => mock.sessions.delete(this));
    mock.sessions.add(this);
  }

  #hear({ id, method, params }) {
    const names = params?.channels ?? [];
    if (method === 'subscribe') {
      for (const name of names) {
        this.channels.set(name, null);
        const [kind, from] = name.split('.');
        if (kind === 'events') for (const event of this.mock.book.events) if (event.seq >= Number(from)) this.#say(name, event, event.seq);
      }
    }
    if (method === 'unsubscribe') for (const name of names) this.channels.delete(name);
    this.socket.send(JSON.stringify({ jsonrpc: '2.0', id, result: names }));
    this.speak(names);
  }

  #say(channel, data, seq = this.mock.book.seq) {
    if (this.socket.readyState === 1) this.socket.send(JSON.stringify({ jsonrpc: '2.0', method: 'subscription', params: { channel, as_of_seq: seq, data } }));
  }

  tell(event) {
    for (const name of this.channels.keys()) {
      const [kind, who] = name.split('.');
      const mine = event.account === who || event.from === who || event.to === who;
      if (kind === 'events' || (kind === 'user' && mine) || (kind === 'trades' && event.type === 'order_filled')) this.#say(name, event, event.seq);
    }
  }

  speak(only) {
    for (const name of only ?? this.channels.keys()) {
      const [kind, which, expiry] = name.split('.');
      const data = {
        status: () => answers.status(this.mock),
        chain: () => this.#chain(name, expiry),
        pool: () => past.pool(this.mock, which),
        nav: () => past.navPoint(this.mock),
        risk: () => past.risk(this.mock),
        surface: () => past.surface(this.mock),
      }[kind]?.();
      if (data) this.#say(name, data);
    }
  }

  #chain(name, expiry) {
    const board = this.mock.market.expiries.find((each) => each.label === expiry);
    if (!board) return null;
    const now = answers.chainExpiry(this.mock, board);
    const before = this.channels.get(name);
    this.channels.set(name, now);
    const strikes = before ? now.strikes.filter((strike, at) => JSON.stringify(strike) !== JSON.stringify(before.strikes[at])) : now.strikes;
    const { market } = this.mock;
    return { ...now, strikes, snapshot: !before, index_price: String(market.index), tick: market.tick, published_at: market.publishedAt };
  }
}

/** The routes: method and path, then what answers. */
function routes(mock) {
  const { book } = mock;
  const seq = () => book.seq;
  const own = (rows, address) => rows.filter((row) => row.account === address);
  return [
    ['GET', '/v1/status', () => answers.status(mock)],
    ['GET', '/v1/instruments', () => ({ instruments: mock.market.expiries.flatMap((board) => board.strikes.flatMap((strike) => ['C', 'P'].map((kind) => instrument(board, strike, kind)))), as_of_seq: seq() })],
    ['GET', '/v1/chain', ({ query }) => answers.chain(mock, query)],
    ['POST', '/v1/quote', ({ body }) => answers.quote(mock, body)],
    ['POST', '/v1/whatif', ({ body }) => answers.whatif(mock, body)],
    ['POST', '/v1/commands', ({ body }) => commands.execute(mock, body)],
    ['POST', '/v1/commands/describe', ({ body }) => commands.describe(body.payload)],
    ['POST', '/v1/debug/signature', ({ body }) => commands.report(body)],
    ['GET', '/v1/accounts/(\\w+)/orders', ({ at, query }) => { const { rows, has_more } = past.page(own([...book.orders.values()], at[0]), query, 'order'); return { orders: rows, has_more, as_of_seq: seq() }; }],
    ['GET', '/v1/accounts/(\\w+)/fills', ({ at, query }) => { const { rows, has_more } = past.page(own(book.fills, at[0]), query, 'seq'); return { fills: rows, has_more, as_of_seq: seq() }; }],
    ['GET', '/v1/accounts/(\\w+)/events', ({ at, query }) => past.events(mock, query, own(book.events, at[0]))],
    ['GET', '/v1/accounts/(\\w+)', ({ at }) => answers.account(mock, at[0])],
    ['GET', '/v1/orders/(\\d+)', ({ at }) => book.orders.get(Number(at[0])) ?? refuse('order_not_found', `There is no order ${at[0]}.`, 404)],
    ['GET', '/v1/pools/\\d+/risk', () => past.risk(mock)],
    ['GET', '/v1/pools/\\d+/nav', ({ query }) => past.nav(mock, query)],
    ['GET', '/v1/pools/\\d+', () => past.pool(mock)],
    ['GET', '/v1/surface', () => past.surface(mock)],
    ['GET', '/v1/markets/\\w+', () => past.parameters(mock)],
    ['GET', '/v1/candles', ({ query }) => past.candles(mock, query)],
    ['GET', '/v1/trades', ({ query }) => { const { rows, has_more } = past.page(book.trades, query, 'trade_seq'); return { trades: rows, has_more, as_of_seq: seq() }; }],
    ['GET', '/v1/events', ({ query }) => past.events(mock, query)],
    ['GET', '/v1/explain/(\\d+)', ({ at }) => past.explain(mock, Number(at[0]))],
    ['GET', '/v1/stats/daily', () => ({ days: [], as_of_seq: seq() })],
    ['GET', '/v1/errors', () => ({ codes: [{ code: 'insufficient_cash', status: 400, help: 'The account has less free cash than this takes. Deposit more, or trade less.' }] })],
    ['GET', '/v1/dev/accounts', () => commands.devAccounts()],
    ['POST', '/v1/dev/fund', ({ body }) => commands.fund(mock, body)],
    ['POST', '/v1/dev/clock', ({ body }) => mock.turn(body)],
    ['POST', '/v1/dev/oracle', ({ body }) => { mock.silent = true; setTimeout(() => (mock.silent = false), body.off_ms); return {}; }],
    ['POST', '/v1/dev/snapshot', () => ((mock.snapshot = { tick: mock.market.tick, seq: book.seq }), answers.status(mock))],
    ['POST', '/v1/dev/revert', () => mock.revert()],
    ['POST', '/v1/api-keys', ({ body }) => commands.execute(mock, body.grant)],
  ];
}

function refuse(code, message, status) {
  throw new Rejection(code, message, {}, status);
}

const instrument = (board, strike, kind) => ({
  instrument_name: `${MARKET}-${board.label}-${strike}-${kind}`,
  market: MARKET,
  base_currency: 'BTC',
  quote_currency: 'USDC',
  expiration_timestamp: board.at,
  strike: String(strike),
  option_type: kind === 'C' ? 'call' : 'put',
  tick_size: '0.01',
  price_decimals: 2,
  min_trade_amount: '0.01',
  contract_size: 1,
  settlement_band: { floor: String(board.floor), cap: String(board.cap) },
});

async function read(request) {
  let text = '';
  for await (const part of request) text += part;
  return text ? JSON.parse(text) : {};
}

function attach(server, httpServer) {
  const mock = new Mock();
  const table = routes(mock).map(([method, path, run]) => [method, new RegExp(`^${path}$`), run]);
  server.use(async (request, response, next) => {
    const url = new URL(request.url, 'http://mock');
    if (!url.pathname.startsWith('/v1/')) return next();
    const found = table.map(([method, path, run]) => [method === request.method && path.exec(url.pathname), run]).find(([match]) => match);
    const answer = (status, body) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    try {
      if (!found) refuse('not_found', `There is no ${request.method} ${url.pathname}.`, 404);
      const [match, run] = found;
      const body = request.method === 'POST' ? await read(request) : null;
      answer(200, run({ at: match.slice(1), query: url.searchParams, body }));
    } catch (error) {
      if (error instanceof Rejection) answer(error.status, { ...error.answer, ...error.body });
      else answer(500, { error: { code: 'fault', message: `The mock failed: ${error.stack}`, data: {} } });
    }
    return undefined;
  });
  const sockets = new WebSocketServer({ noServer: true });
  httpServer?.on('upgrade', (request, socket, head) => {
    if (request.url.startsWith('/v1/ws')) sockets.handleUpgrade(request, socket, head, (ws) => new Session(mock, ws));
  });
}

/** The Vite plugin: development and preview, never the build. */
export function mock() {
  return {
    name: 'cenote-mock',
    configureServer: (server) => attach(server.middlewares, server.httpServer),
    configurePreviewServer: (server) => attach(server.middlewares, server.httpServer),
  };
}
