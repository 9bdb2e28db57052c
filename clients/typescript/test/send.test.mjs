import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressOf, ask, createApi, keySigner, Nonces, newKey, outcome, placeOrder, publicKey, Refusal, refusalOf, Sender } from '@cenote/client';

const KEY = newKey();
const ME = addressOf(publicKey(KEY));
const json = (body, status = 200) => new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
const done = (...results) => json({ results, as_of_seq: 1, duplicate: false });

/** A venue whose answers are `answers`, one a request; an error is thrown. */
function door(answers, now = () => ({ venue: 'v', time: 5_000, speed: 1 })) {
  const bodies = [];
  const fetch = async (request) => {
    bodies.push(await request.json());
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { bodies, sender: new Sender(createApi('http://venue', { fetch }), now) };
}

describe('a refusal', () => {
  it('has its code, its sentence and the next step apart', () => {
    const refusal = refusalOf({ error: { code: 'insufficient_cash', message: 'this takes 5; or so, 4 is free; lower the size or deposit', data: { required: '5' } } }, 400);
    assert.deepEqual([refusal.code, refusal.status, refusal.data.required], ['insufficient_cash', 400, '5']);
    assert.equal(refusal.sentence, 'this takes 5; or so, 4 is free');
    assert.equal(refusal.next, 'lower the size or deposit');
    const short = refusalOf({ error: { code: 'pool_not_found', message: 'there is no pool 7' } }, 404);
    assert.deepEqual([short.sentence, short.next], ['there is no pool 7', null]);
  });
  it('is a value for whoever wants one, and thrown for whoever does not', async () => {
    const call = () => createApi('http://venue', { fetch: async () => json({ error: { code: 'busy', message: 'full; try again' } }, 503) }).GET('/v1/status');
    const result = await outcome(call());
    assert.deepEqual([result.ok, result.refusal.code, result.refusal.next], [false, 'busy', 'try again']);
    await assert.rejects(ask(call()), { code: 'busy' });
  });
  it('stands for an answer that did not come, that cannot be read, that was given up', async () => {
    const code = async (fetch, signal) => (await outcome(createApi('http://venue', { fetch, patience: 20 }).GET('/v1/status', { signal }))).refusal?.code;
    assert.equal(await code(async () => Promise.reject(new TypeError('fetch failed'))), 'unreachable');
    assert.equal(await code(async () => new Response('<html>', { status: 502 })), 'unreadable');
    // The timer is what a socket would be: something that the process waits for.
    const never = (request) =>
      new Promise((_, reject) => {
        const socket = setTimeout(() => reject(new Error('nobody gave up')), 5_000);
        request.signal.onabort = () => (clearTimeout(socket), reject(request.signal.reason));
      });
    assert.equal(await code(never), 'unreachable');
    assert.equal(await code(async (request) => Promise.reject(request.signal.reason), AbortSignal.abort()), 'aborted');
  });
});

describe('commands', () => {
  it('take a nonce that was never used, also in one millisecond', () => {
    const nonces = new Nonces();
    const taken = Array.from({ length: 1_000 }, () => nonces.next());
    assert.equal(new Set(taken).size, 1_000);
    assert.ok(taken.every((nonce) => nonce <= Number.MAX_SAFE_INTEGER && Number.isInteger(nonce)));
  });
  it('end soon, in the time of a venue that runs fast', async () => {
    for (const [speed, life] of [[0, 600_000], [1, 600_000], [10, 6_000_000], [100_000, 43_200_000]]) {
      const { bodies, sender } = door([done({ seq: 1 })], () => ({ venue: 'v', time: 5_000.7, speed }));
      await sender.send(ME, keySigner(KEY), [{ type: 'claim_all' }]);
      const payload = JSON.parse(bodies[0].payload);
      assert.deepEqual([payload.venue, payload.account, payload.expires_at], ['v', ME, Math.floor(5_000.7 + life)]);
    }
  });
  it('go again with the same bytes when the answer was lost', async () => {
    const { bodies, sender } = door([new TypeError('fetch failed'), done({ seq: 9 })]);
    const answer = await sender.send(ME, keySigner(KEY), []);
    assert.equal(answer.results[0].seq, 9);
    assert.deepEqual(bodies[0], bodies[1]);
  });
  it('are signed anew when another took their nonce, unless a person would be asked twice', async () => {
    const used = () => json({ error: { code: 'nonce_used', message: 'used; use another' } }, 409);
    const { bodies, sender } = door([used(), done({ seq: 3 })]);
    await sender.send(ME, keySigner(KEY), []);
    assert.notEqual(JSON.parse(bodies[0].payload).nonce, JSON.parse(bodies[1].payload).nonce);
    const asked = door([used(), done({ seq: 3 })]);
    await assert.rejects(asked.sender.send(ME, { ...keySigner(KEY), asks: true }, []), { code: 'nonce_used' });
    assert.equal(asked.bodies.length, 1);
  });
  it('that are refused alone are a refusal', async () => {
    const error = { code: 'paused', message: 'what adds risk is paused here; wait' };
    await assert.rejects(door([done({ error })]).sender.send(ME, keySigner(KEY), []), { code: 'paused', name: 'Refusal' });
    const both = await door([done({ error }, { seq: 4 })]).sender.send(ME, keySigner(KEY), []);
    assert.equal(both.results.length, 2);
  });
});

describe('an order', () => {
  const wish = { legs: [{ instrument: 'A', size: '1' }], limit: '10' };
  const placed = { results: [{ seq: 7, events: [{ type: 'order_placed', order: 7, due_at: 6_000 }] }] };
  const filled = (order) => ({ type: 'order_filled', order, tick: 3, cost: { total: '9' } });
  /** An order whose account's events are told by `tell`. */
  function place(send, look = async () => ({ state: 'live' })) {
    const states = [];
    let tell;
    const stopped = { times: 0 };
    const follow = (handler) => ((tell = handler), () => (stopped.times += 1));
    const { sent, over } = placeOrder({ send: (commands, onsigned) => send(commands, onsigned, tell), follow, look }, wish, (life) => states.push(life.state));
    return { states, stopped, sent, over, tell: (event) => tell(event) };
  }
  it('goes from the signature to the fill, whose event alone is listened to', async () => {
    const order = place(async (_, onsigned) => (onsigned(), placed));
    assert.equal((await order.sent).dueAt, 6_000);
    for (const event of [filled(8), { type: 'order_rested', order: 7, reason: null }, filled(7), filled(7)]) order.tell(event);
    const life = await order.over;
    assert.deepEqual([life.order, life.tick, life.cost.total], [7, 3, '9']);
    assert.deepEqual(order.states, ['signing', 'sent', 'durable', 'resting', 'filled']);
    assert.equal(order.stopped.times, 1);
  });
  it('fills before its answer came', async () => {
    const order = place(async (_, onsigned, tell) => (onsigned(), tell(filled(7)), placed));
    assert.equal((await order.over).state, 'filled');
    assert.equal(order.stopped.times, 1);
  });
  it('that is refused says so and is not followed', async () => {
    const order = place(async () => Promise.reject(new Refusal({ code: 'no_price', message: 'none; wait' }, 400)));
    assert.deepEqual([(await order.over).state, (await order.sent).reason.code], ['refused', 'no_price']);
    assert.equal(order.stopped.times, 1);
  });
  it('is asked after when no event tells of it', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const looks = [new Error('lost'), { state: 'live' }, { state: 'ended', ended: 'expired', reason: { code: 'limit_exceeded', message: 'x' } }];
    const order = place(async () => placed, async () => {
      const next = looks.shift();
      if (next instanceof Error) throw next;
      return next;
    });
    await order.sent;
    for (let n = 0; n < 3; n += 1) t.mock.timers.tick(4_000);
    const life = await order.over;
    assert.deepEqual([life.ended, life.reason.code, looks.length], ['expired', 'limit_exceeded', 0]);
  });
});
