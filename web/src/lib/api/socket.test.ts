import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Connection, Socket } from './socket';

/** A connection whose other end is the test. */
class Wire {
  readyState = 0;
  sent: { method: string; params: { channels?: string[] } }[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.readyState = 3;
    this.onclose?.();
  }
  open() {
    this.readyState = 1;
    this.onopen?.();
  }
  say(channel: string, data: unknown, seq = 0) {
    this.onmessage?.({ data: JSON.stringify({ method: 'subscription', params: { channel, as_of_seq: seq, data } }) });
  }
  asked(method: string) {
    return this.sent.filter((each) => each.method === method).flatMap((each) => each.params.channels ?? []);
  }
}

let wires: Wire[];
let frames: (() => void)[];
let states: Connection[];
let socket: Socket;

beforeEach(() => {
  vi.useFakeTimers();
  [wires, frames, states] = [[], [], []];
  socket = new Socket({
    url: 'ws://test',
    open: () => {
      const wire = new Wire();
      wires.push(wire);
      return wire as unknown as WebSocket;
    },
    frame: (run) => frames.push(run),
    onconnection: (state) => states.push(state),
  });
  socket.start();
});
afterEach(() => {
  socket.close();
  vi.useRealTimers();
});

const draw = () => frames.splice(0).forEach((run) => run());
const wire = () => wires.at(-1)!;
const reconnect = () => {
  wire().close();
  vi.advanceTimersByTime(10_000);
  wire().open();
};

describe('channels', () => {
  it('are asked for once however many listen, and given up with the last', () => {
    const [first, second] = [vi.fn(), vi.fn()];
    const stopFirst = socket.subscribe('pool.0.1s', first);
    const stopSecond = socket.subscribe('pool.0.1s', second);
    wire().open();
    expect(wire().asked('subscribe')).toEqual(['pool.0.1s']);
    wire().say('pool.0.1s', { a: 1 }, 7);
    draw();
    expect(first).toHaveBeenCalledWith({ a: 1 }, 7);
    stopFirst();
    expect(wire().asked('unsubscribe')).toEqual([]);
    wire().say('pool.0.1s', { a: 2 }, 8);
    draw();
    expect([first.mock.calls.length, second.mock.calls.length]).toEqual([1, 2]);
    stopSecond();
    stopSecond();
    expect(wire().asked('unsubscribe')).toEqual(['pool.0.1s']);
  });

  it('are handed out once a frame, in order, none lost', () => {
    const got: unknown[] = [];
    socket.subscribe('status', (data) => got.push(data));
    wire().open();
    for (let n = 0; n < 100; n += 1) wire().say('status', n);
    expect([got.length, frames.length]).toEqual([0, 1]);
    draw();
    expect(got).toEqual([...Array(100).keys()]);
  });

  it('come back after a loss, later and later', () => {
    socket.subscribe('status', () => {});
    wire().open();
    wire().close();
    expect(states).toEqual(['connecting', 'open', 'waiting']);
    vi.advanceTimersByTime(400);
    expect(wires.length).toBe(2);
    wire().close();
    vi.advanceTimersByTime(400);
    expect(wires.length).toBe(2);
    vi.advanceTimersByTime(400);
    expect(wires.length).toBe(3);
    wire().open();
    expect(wire().asked('subscribe')).toEqual(['status']);
  });

  it('of a connection that says nothing is asked, then given up', () => {
    wire().open();
    vi.advanceTimersByTime(21_000);
    expect(wire().sent.some((each) => each.method === 'public/test')).toBe(true);
    vi.advanceTimersByTime(10_000);
    expect(states).toContain('waiting');
  });
});

describe('events of the journal', () => {
  it('go on where they stopped, none twice, none left out', () => {
    const got: string[] = [];
    socket.events(5, (event) => got.push(`${event.seq}.${event.index}`));
    wire().open();
    expect(wire().asked('subscribe')).toEqual(['events.5']);
    for (const [seq, index] of [[5, 0], [6, 0], [6, 1]]) wire().say('events.5', { seq, index });
    draw();
    // Command 6 had three events; the connection was lost after the second.
    reconnect();
    expect(wire().asked('subscribe')).toEqual(['events.6']);
    for (const [seq, index] of [[6, 0], [6, 1], [6, 2], [9, 0]]) wire().say('events.6', { seq, index });
    draw();
    expect(got).toEqual(['5.0', '6.0', '6.1', '6.2', '9.0']);
  });

  it('may be followed twice from one place', () => {
    const [first, second] = [vi.fn(), vi.fn()];
    const stop = socket.events(1, first);
    socket.events(1, second);
    wire().open();
    wire().say('events.1', { seq: 1, index: 0 });
    draw();
    stop();
    expect(wire().asked('unsubscribe')).toEqual([]);
    wire().say('events.1', { seq: 2, index: 0 });
    draw();
    expect([first.mock.calls.length, second.mock.calls.length]).toEqual([1, 2]);
  });
});
