/** A venue and who trades there, for programs: everything below in one place. */
import { type Api, createApi } from './http.js';
import { addressOf, publicKey } from './keys.js';
import { type OrderLife, type OrderWish, type Placed, placeOrder } from './order.js';
import { ask, Refusal } from './refusal.js';
import { Sender } from './send.js';
import { keySigner, type Signer } from './sign.js';
import { type Handler, Socket } from './socket.js';
import type { Account, ApiEvent, Chain, Command, CommandsAnswer, QuoteAnswer, QuoteRequest, SimulateAnswer, Status } from './types.js';

export interface ConnectOptions {
  /** A WebSocket such as that of `ws`, where there is none of the platform's own (Node before 22). */
  WebSocket?: unknown;
  /** Instead of the platform's own. */
  fetch?: typeof globalThis.fetch;
}

/** Connects to a venue like `http://127.0.0.1:8980`. Throws a `Refusal`. */
export async function connect(base: string, options: ConnectOptions = {}): Promise<Venue> {
  const open = (options.WebSocket ?? globalThis.WebSocket) as typeof WebSocket | undefined;
  if (!open) {
    throw new Refusal({ code: 'no_websocket', message: 'This platform has no WebSocket; pass one: connect(base, { WebSocket }) with that of the package ws.' }, 0);
  }
  const api = createApi(base, options.fetch ? { fetch: options.fetch } : {});
  const status = await ask(api.GET('/v1/status'));
  return new Venue(base, api, status, new Socket({ url: `${base.replace(/\/+$/, '').replace(/^http/, 'ws')}/v1/ws`, open: (url) => new open(url) }));
}

export class Venue {
  readonly base: string;
  /** Every route, typed: `venue.api.GET('/v1/surface', ...)`; read what it resolves to with `outcome` or `ask`. */
  readonly api: Api;
  /** Every channel. */
  readonly socket: Socket;
  readonly sender: Sender;
  #status: Status;
  #at = Date.now();

  constructor(base: string, api: Api, status: Status, socket: Socket) {
    this.base = base;
    this.api = api;
    this.socket = socket;
    this.#status = status;
    this.sender = new Sender(api, () => ({ venue: this.#status.venue_id, time: this.time, speed: this.speed }));
    socket.subscribe('status', (data) => this.#hear(data as Status));
    socket.start();
  }

  #hear(status: Status): Status {
    this.#status = status;
    this.#at = Date.now();
    return status;
  }

  /** What the venue said last of itself. */
  get status(): Status {
    return this.#status;
  }
  get speed(): number {
    return this.#status.clock.paused ? 0 : this.#status.clock.speed;
  }
  /** Market time now, ms. */
  get time(): number {
    return Math.floor(this.#status.market_time_ms + (Date.now() - this.#at) * this.speed);
  }
  /** The first market, like `BTC_USDC`. */
  get market(): string {
    const name = this.#status.markets[0]?.market;
    if (name === undefined) throw new Refusal({ code: 'market_not_found', message: 'This venue has no market; start one that has.' }, 0);
    return name;
  }

  /** Asks how the venue is, instead of waiting to be told. */
  async refresh(): Promise<Status> {
    return this.#hear(await ask(this.api.GET('/v1/status')));
  }
  /** The chain: of one expiry like `27MAR26`, or all. */
  async chain(expiry?: string, market = this.market): Promise<Chain> {
    return ask(this.api.GET('/v1/chain', { params: { query: { market, ...(expiry === undefined ? {} : { expiry }) } } }));
  }
  /** What a channel says, from now on. */
  subscribe(channel: string, handler: Handler): () => void {
    return this.socket.subscribe(channel, handler);
  }
  /** The journal's events from a number on, none twice and none left out, through any loss of the connection. */
  events(fromSeq: number, handler: (event: ApiEvent) => void): () => void {
    return this.socket.events(fromSeq, (event) => handler(event as ApiEvent));
  }
  /** Who trades: with a private key of 64 hex digits for its own account, or a signer for an account that lets it. */
  trader(key: string): Trader;
  trader(signer: Signer, account: string): Trader;
  trader(by: string | Signer, account?: string): Trader {
    if (typeof by === 'string') return new Trader(this, keySigner(by), addressOf(publicKey(by)));
    return new Trader(this, by, account ?? '');
  }
  /** Disconnects. */
  close() {
    this.socket.close();
  }
}

export class Trader {
  readonly venue: Venue;
  /** The account that it acts for. */
  readonly address: string;
  readonly #signer: Signer;
  constructor(venue: Venue, signer: Signer, address: string) {
    this.venue = venue;
    this.#signer = signer;
    this.address = address;
  }

  /** Play money, at a venue in dev mode. */
  async fund(amount: string): Promise<CommandsAnswer> {
    return ask(this.venue.api.POST('/v1/dev/fund', { body: { account: this.address, amount } }));
  }
  async account(): Promise<Account> {
    return ask(this.venue.api.GET('/v1/accounts/{address}', { params: { path: { address: this.address } } }));
  }
  /** What legs would cost this account at the tick in force: to the unit what an order would pay there. */
  async quote(legs: QuoteRequest['legs'], more: Partial<QuoteRequest> = {}): Promise<QuoteAnswer> {
    return ask(this.venue.api.POST('/v1/quote', { body: { account: this.address, legs, ...more } }));
  }
  /** Tries commands without a signature and without effect. */
  async simulate(commands: Command[]): Promise<SimulateAnswer> {
    return ask(this.venue.api.POST('/v1/commands/simulate', { body: { account: this.address, commands } }));
  }
  /** Signs commands and sends them; throws a `Refusal`. */
  async send(commands: Command[], onsigned?: () => void): Promise<CommandsAnswer> {
    return this.venue.sender.send(this.address, this.#signer, commands, onsigned);
  }
  /** This account's events from now on. */
  follow(handler: (event: ApiEvent) => void): () => void {
    return this.venue.subscribe(`user.${this.address}`, (data) => handler(data as ApiEvent));
  }
  /** Sends an order and follows it to its end. */
  place(wish: OrderWish, onchange?: (life: OrderLife) => void): Placed {
    const look = (number: number) => ask(this.venue.api.GET('/v1/orders/{number}', { params: { path: { number } } }));
    return placeOrder({ send: (commands, onsigned) => this.send(commands, onsigned), follow: (handler) => this.follow(handler), look }, wish, onchange);
  }
}
