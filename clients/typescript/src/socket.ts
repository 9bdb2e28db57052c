/**
 * The venue's WebSocket: channels are subscribed once however many want them, messages are handed out together, a lost connection comes
 * back by itself. The journal's events go on where they stopped, none twice and none left out.
 */

export type Connection = 'connecting' | 'open' | 'waiting';

/** Gets what a channel says, with the number of the last command that it knows of. */
export type Handler = (data: unknown, seq: number) => void;

export interface SocketOptions {
  url: string;
  open?: (url: string) => WebSocket;
  /** Calls back when what has come may be handed out: a page waits for its next picture, a program does not wait. */
  frame?: (run: () => void) => void;
  onconnection?: (state: Connection) => void;
}

interface Message {
  id?: number;
  method?: string;
  params?: { channel?: string; as_of_seq?: number; data?: unknown };
}

/** Waits between tries, ms. */
const BACKOFF = [250, 500, 1_000, 2_000, 5_000];
/** An open connection that said nothing for so long is asked whether it is there, ms. */
const SILENCE = 15_000;

export class Socket {
  #options: Required<Omit<SocketOptions, 'onconnection'>> & Pick<SocketOptions, 'onconnection'>;
  #socket: WebSocket | null = null;
  #handlers = new Map<string, Set<Handler>>();
  #queue: { channel: string; data: unknown; seq: number }[] = [];
  #drawing = false;
  #tries = 0;
  #nextId = 1;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #pulse: ReturnType<typeof setInterval> | undefined;
  #heard = 0;
  /** How to ask for what goes on where it stopped, by its key here. */
  #resumable = new Map<string, () => string>();
  /** The keys that a name of such a channel stands for. */
  #alias = new Map<string, Set<string>>();
  #closed = false;

  constructor(options: SocketOptions) {
    this.#options = { open: (url) => new WebSocket(url), frame: queueMicrotask, ...options };
  }

  /** Connects and stays connected until `close`. */
  start() {
    this.#closed = false;
    this.#connect();
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#retry);
    clearInterval(this.#pulse);
    this.#socket?.close();
    this.#socket = null;
  }

  /** Hands `handler` what a channel says until the returned function is called. */
  subscribe(channel: string, handler: Handler): () => void {
    const handlers = this.#handlers.get(channel) ?? new Set();
    handlers.add(handler);
    if (!this.#handlers.has(channel)) {
      this.#handlers.set(channel, handlers);
      this.#send('subscribe', [channel]);
    }
    return () => {
      handlers.delete(handler);
      if (handlers.size > 0 || this.#handlers.get(channel) !== handlers) return;
      this.#handlers.delete(channel);
      this.#send('unsubscribe', [channel]);
    };
  }

  /** Hands over the journal's events from a number on, through any loss of the connection. */
  events(from: number, handler: (event: { seq: number; index: number }) => void): () => void {
    const key = `events#${this.#nextId++}`;
    let last = { seq: from, index: -1 };
    const once: Handler = (data) => {
      const event = data as { seq: number; index: number };
      // A resume starts with the command that was last seen: it may have been cut in the middle.
      if (event.seq < last.seq || (event.seq === last.seq && event.index <= last.index)) return;
      last = { seq: event.seq, index: event.index };
      handler(event);
    };
    const name = () => `events.${last.seq}`;
    this.#resumable.set(key, name);
    this.#handlers.set(key, new Set([once]));
    this.#send('subscribe', [this.#named(key)]);
    return () => {
      this.#handlers.delete(key);
      this.#resumable.delete(key);
      for (const [alias, keys] of this.#alias) {
        if (!keys.delete(key) || keys.size > 0) continue;
        this.#alias.delete(alias);
        this.#send('unsubscribe', [alias]);
      }
    };
  }

  /** What to ask the venue for. Two streams of events from the same number are one channel there. */
  #named(key: string): string {
    const name = this.#resumable.get(key)?.();
    if (!name) return key;
    const keys = this.#alias.get(name) ?? new Set();
    this.#alias.set(name, keys.add(key));
    return name;
  }

  #connect() {
    clearTimeout(this.#retry);
    this.#options.onconnection?.('connecting');
    const socket = this.#options.open(this.#options.url);
    this.#socket = socket;
    socket.onopen = () => {
      this.#tries = 0;
      this.#heard = Date.now();
      this.#alias.clear();
      const names = [...this.#handlers.keys()].map((key) => this.#named(key));
      if (names.length > 0) this.#send('subscribe', names);
      this.#options.onconnection?.('open');
      clearInterval(this.#pulse);
      this.#pulse = setInterval(() => this.#listen(), SILENCE / 3);
    };
    socket.onmessage = (message: MessageEvent<string>) => this.#receive(message.data);
    socket.onclose = () => {
      if (this.#socket === socket) this.#lost();
    };
  }

  /** Asks a silent connection whether it is there, and gives it up when it does not say so. */
  #listen() {
    const silent = Date.now() - this.#heard;
    if (silent > SILENCE + SILENCE / 2) {
      const socket = this.#socket;
      this.#lost();
      socket?.close();
    } else if (silent > SILENCE) {
      this.#call('public/test', {});
    }
  }

  #lost() {
    clearInterval(this.#pulse);
    this.#socket = null;
    if (this.#closed) return;
    const wait = BACKOFF[Math.min(this.#tries, BACKOFF.length - 1)] ?? 5_000;
    this.#tries += 1;
    this.#options.onconnection?.('waiting');
    // A little disorder, so that many pages do not come back in the same moment.
    this.#retry = setTimeout(() => this.#connect(), wait + Math.random() * wait * 0.3);
  }

  #send(method: 'subscribe' | 'unsubscribe', channels: string[]) {
    this.#call(method, { channels });
  }

  #call(method: string, params: object) {
    if (this.#socket?.readyState !== 1) return;
    this.#socket.send(JSON.stringify({ jsonrpc: '2.0', id: this.#nextId++, method, params }));
  }

  #receive(text: string) {
    this.#heard = Date.now();
    const message = JSON.parse(text) as Message;
    const channel = message.params?.channel;
    if (message.method !== 'subscription' || !channel) return;
    this.#queue.push({ channel, data: message.params?.data, seq: message.params?.as_of_seq ?? 0 });
    if (this.#drawing) return;
    this.#drawing = true;
    this.#options.frame(() => this.#flush());
  }

  #flush() {
    this.#drawing = false;
    const queue = this.#queue;
    this.#queue = [];
    for (const { channel, data, seq } of queue) {
      for (const key of this.#alias.get(channel) ?? [channel]) {
        this.#handlers.get(key)?.forEach((handler) => handler(data, seq));
      }
    }
  }
}
