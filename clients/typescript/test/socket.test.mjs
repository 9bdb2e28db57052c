import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { Socket } from '@cenote/client';

/** A connection whose other end is the test. */
class Wire {
  readyState = 0;
  sent = [];
  onopen = null;
  onmessage = null;
  onclose = null;
  send(text) {
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
  say(channel, data, seq = 0) {
    this.onmessage?.({ data: JSON.stringify({ method: 'subscription', params: { channel, as_of_seq: seq, data } }) });
  }
  asked(method) {
    return this.sent.filter((each) => each.method === method).flatMap((each) => each.params.channels ?? []);
  }
}

let wires;
let frames;
let states;
let socket;

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] });
  [wires, frames, states] = [[], [], []];
  socket = new Socket({
    url: 'ws://test',
    open: () => {
      const wire = new Wire();
      wires.push(wire);
      return wire;
    },
    frame: (run) => frames.push(run),
    onconnection: (state) => states.push(state),
  });
  socket.start();
});
afterEach(() => {
  socket.close();
  mock.timers.reset();
});

const draw = () => frames.splice(0).forEach((run) => run());
const wire = () => wires.at(-1);
const reconnect = () => {
  wire().close();
  mock.timers.tick(10_000);
  wire().open();
};

describe('channels', () => {
  it('are asked for once however many listen, and given up with the last', () => {
    const [first, second] = [mock.fn(), mock.fn()];
    const stopFirst = socket.subscribe('pool.0.1s', first);
    const stopSecond = socket.subscribe('pool.0.1s', second);
    wire().open();
    assert.deepEqual(wire().asked('subscribe'), ['pool.0.1s']);
    wire().say('pool.0.1s', { a: 1 }, 7);
    draw();
    assert.deepEqual(first.mock.calls[0].arguments, [{ a: 1 }, 7]);
    stopFirst();
    assert.deepEqual(wire().asked('unsubscribe'), []);
    wire().say('pool.0.1s', { a: 2 }, 8);
    draw();
    assert.deepEqual([first.mock.callCount(), second.mock.callCount()], [1, 2]);
    stopSecond();
    stopSecond();
    assert.deepEqual(wire().asked('unsubscribe'), ['pool.0.1s']);
  });

  it('are handed out once a frame, in order, none lost', () => {
    const got = [];
    socket.subscribe('status', (data) => got.push(data));
    wire().open();
    for (let n = 0; n < 100; n += 1) wire().say('status', n);
    assert.deepEqual([got.length, frames.length], [0, 1]);
    draw();
    assert.deepEqual(got, [...Array(100).keys()]);
  });

  it('come back after a loss, later and later', () => {
    socket.subscribe('status', () => {});
    wire().open();
    wire().close();
    assert.deepEqual(states, ['connecting', 'open', 'waiting']);
    mock.timers.tick(400);
    assert.deepEqual(wires.length, 2);
    wire().close();
    mock.timers.tick(400);
    assert.deepEqual(wires.length, 2);
    mock.timers.tick(400);
    assert.deepEqual(wires.length, 3);
    wire().open();
    assert.deepEqual(wire().asked('subscribe'), ['status']);
  });

  it('of a connection that says nothing is asked, then given up', () => {
    wire().open();
    mock.timers.tick(21_000);
    assert.deepEqual(wire().sent.some((each) => each.method === 'public/test'), true);
    mock.timers.tick(10_000);
    assert.ok(states.includes('waiting'));
  });
});

describe('events of the journal', () => {
  it('go on where they stopped, none twice, none left out', () => {
    const got = [];
    socket.events(5, (event) => got.push(`${event.seq}.${event.index}`));
    wire().open();
    assert.deepEqual(wire().asked('subscribe'), ['events.5']);
    for (const [seq, index] of [[5, 0], [6, 0], [6, 1]]) wire().say('events.5', { seq, index });
    draw();
    // Command 6 had three events; the connection was lost after the second.
    reconnect();
    assert.deepEqual(wire().asked('subscribe'), ['events.6']);
    for (const [seq, index] of [[6, 0], [6, 1], [6, 2], [9, 0]]) wire().say('events.6', { seq, index });
    draw();
    assert.deepEqual(got, ['5.0', '6.0', '6.1', '6.2', '9.0']);
  });

  it('may be followed twice from one place', () => {
    const [first, second] = [mock.fn(), mock.fn()];
    const stop = socket.events(1, first);
    socket.events(1, second);
    wire().open();
    wire().say('events.1', { seq: 1, index: 0 });
    draw();
    stop();
    assert.deepEqual(wire().asked('unsubscribe'), []);
    wire().say('events.1', { seq: 2, index: 0 });
    draw();
    assert.deepEqual([first.mock.callCount(), second.mock.callCount()], [1, 2]);
  });
});
