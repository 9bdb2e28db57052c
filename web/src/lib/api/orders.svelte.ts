/** Orders that this page sent, followed from the signature to the fill. */
import { live } from '../app/live.svelte';
import type { OrderLife } from '../app/steps';
import { cash } from '../num/format';
import { api, ask, asRefusal } from './client';
import type { ApiEvent, CostParts, Order, OrderLeg } from './types';
import { venue } from './venue.svelte';
import { accounts } from './wallet.svelte';

export interface Ask {
  legs: OrderLeg[];
  limit: string;
  quoted: CostParts;
  /** Waits until then, ms of market time; absent: the first price fills it or ends it. */
  until?: number | undefined;
  reduceOnly?: boolean | undefined;
  /** Prices that may try it; each pays one keeper fee. */
  attempts?: number | undefined;
  label?: string | undefined;
}

class Orders {
  /** Newest first. */
  sent = $state.raw<OrderLife[]>([]);

  /** Sends an order and follows it. What happens to it is in its life, never thrown. */
  async place(wanted: Ask): Promise<OrderLife> {
    let life: OrderLife = { legs: wanted.legs, limit: wanted.limit, quoted: wanted.quoted, state: 'signing' };
    const change = (by: Partial<OrderLife>) => {
      const next = { ...life, ...by };
      this.sent = this.sent.map((each) => (each === life ? next : each));
      life = next;
    };
    this.sent = [life, ...this.sent].slice(0, 50);
    const address = accounts.address;
    // Listening before sending: the fill may be quicker than the answer.
    const heard: ApiEvent[] = [];
    let number: number | undefined;
    const stop = address
      ? venue.follow(address, (event) => {
          heard.push(event);
          if (number !== undefined && this.#apply(event, number, change)) finish();
        })
      : () => {};
    let timer: ReturnType<typeof setInterval> | undefined;
    const finish = () => {
      stop();
      clearInterval(timer);
    };
    try {
      const answer = await accounts.send(
        [
          {
            type: 'place_order',
            legs: wanted.legs,
            limit: wanted.limit,
            ...(wanted.until === undefined ? {} : { until: Math.floor(wanted.until) }),
            ...(wanted.reduceOnly ? { reduce_only: true } : {}),
            ...(wanted.attempts && wanted.attempts > 1 ? { attempts: wanted.attempts } : {}),
            ...(wanted.label ? { label: wanted.label } : {}),
          },
        ],
        () => change({ state: 'sent' }),
      );
      const result = answer.results[0];
      number = result?.seq ?? undefined;
      const placed = result?.events?.find((event) => event.type === 'order_placed');
      change({ state: 'durable', order: number, dueAt: placed?.type === 'order_placed' ? placed.due_at : undefined });
      if (number === undefined) return life;
      const known = number;
      if (heard.some((event) => this.#apply(event, known, change))) finish();
      // What was missed while the connection was lost is asked for.
      else timer = setInterval(() => void this.#poll(known, change, finish), 4_000);
    } catch (thrown) {
      const refusal = asRefusal(thrown);
      change({ state: 'refused', reason: { code: refusal.code, message: refusal.message, data: refusal.data as never } });
      live.say(`Order refused: ${refusal.message}`);
      finish();
    }
    return life;
  }

  /** Brings an event into a life; whether the life is over. */
  #apply(event: ApiEvent, number: number, change: (by: Partial<OrderLife>) => void): boolean {
    if (!('order' in event) || event.order !== number) return false;
    switch (event.type) {
      case 'order_filled':
        change({ state: 'filled', tick: event.tick, cost: event.cost, reason: undefined });
        live.say(`Filled for ${cash(event.cost.total)} ${venue.quote}.`);
        return true;
      case 'order_rested':
        change({ state: 'resting', reason: event.reason as OrderLife['reason'] });
        return false;
      case 'order_ended':
        change({ state: 'ended', ended: event.ended, reason: (event.reason ?? undefined) as OrderLife['reason'] });
        live.say(`Order ended without a fill. ${event.reason?.message ?? ''}`);
        return true;
      default:
        return false;
    }
  }

  async #poll(number: number, change: (by: Partial<OrderLife>) => void, finish: () => void) {
    let order: Order;
    try {
      order = await ask(api.GET('/v1/orders/{number}', { params: { path: { number } } }));
    } catch {
      return;
    }
    if (order.state === 'filled') {
      change({ state: 'filled', tick: order.tick ?? undefined, cost: order.cost ?? undefined, reason: undefined });
      finish();
    } else if (order.state === 'ended') {
      change({ state: 'ended', ended: order.ended ?? undefined, reason: (order.reason ?? undefined) as OrderLife['reason'] });
      finish();
    }
  }
}

export const orders = new Orders();
