/** One order from the signature to the fill. */
import { asRefusal } from './refusal.js';
import type { ApiError, ApiEvent, Command, CommandsAnswer, CostParts, Order, OrderLeg } from './types.js';

/** What is wanted. */
export interface OrderWish {
  legs: OrderLeg[];
  /** The most that it may cost in all, negative to be paid, quote. */
  limit: string;
  /** Waits until then, ms of market time; absent: the first price fills it or ends it. */
  until?: number | undefined;
  reduceOnly?: boolean | undefined;
  /** Prices that may try it; each pays one keeper fee. */
  attempts?: number | undefined;
  label?: string | undefined;
  /** What was quoted for it: kept beside what it cost, and not sent. */
  quoted?: CostParts | undefined;
}

/** What is known of an order that was sent. */
export interface OrderLife {
  legs: OrderLeg[];
  limit: string;
  quoted?: CostParts | undefined;
  state: 'signing' | 'sent' | 'durable' | 'resting' | 'filled' | 'ended' | 'refused';
  /** Its number, once it is durable. */
  order?: number | undefined;
  /** The first price published from then on tries it, ms. */
  dueAt?: number | undefined;
  /** The tick that priced it, and what it cost. */
  tick?: number | undefined;
  cost?: CostParts | undefined;
  /** How it ended without filling. */
  ended?: string | undefined;
  /** Why it rests, ended or was refused. */
  reason?: Pick<ApiError, 'code' | 'message' | 'data'> | undefined;
}

/** What an order needs of whoever places it. */
export interface OrderDoor {
  /** Signs and sends; throws a `Refusal`. */
  send(commands: Command[], onsigned: () => void): Promise<CommandsAnswer>;
  /** Hears the account's events until the returned function is called. */
  follow(handler: (event: ApiEvent) => void): () => void;
  /** Asks how an order is. */
  look(number: number): Promise<Order>;
}

/** An order on its way; neither promise rejects. */
export interface Placed {
  /** Its life once it is durable, or refused. */
  sent: Promise<OrderLife>;
  /** Its life once it filled, ended or was refused. */
  over: Promise<OrderLife>;
}

/** How often an order is asked after when no event tells of it, ms. */
const LOOK_MS = 4_000;

const isOver = (life: OrderLife) => ['filled', 'ended', 'refused'].includes(life.state);

/** The command that places an order. */
export function orderCommand(wish: OrderWish): Command {
  return {
    type: 'place_order',
    legs: wish.legs,
    limit: wish.limit,
    ...(wish.until === undefined ? {} : { until: Math.floor(wish.until) }),
    ...(wish.reduceOnly ? { reduce_only: true } : {}),
    ...(wish.attempts && wish.attempts > 1 ? { attempts: wish.attempts } : {}),
    ...(wish.label ? { label: wish.label } : {}),
  };
}

/** What an event says of an order; `null` when it is not about it. */
function heard(event: ApiEvent, number: number): Partial<OrderLife> | null {
  if (!('order' in event) || event.order !== number) return null;
  switch (event.type) {
    case 'order_filled':
      return { state: 'filled', tick: event.tick, cost: event.cost, reason: undefined };
    case 'order_rested':
      return { state: 'resting', reason: event.reason as OrderLife['reason'] };
    case 'order_ended':
      return { state: 'ended', ended: event.ended, reason: (event.reason ?? undefined) as OrderLife['reason'] };
    default:
      return null;
  }
}

/** The same from the order itself; `null` while it lives. */
function looked(order: Order): Partial<OrderLife> | null {
  if (order.state === 'filled') return { state: 'filled', tick: order.tick ?? undefined, cost: order.cost ?? undefined, reason: undefined };
  if (order.state === 'ended') return { state: 'ended', ended: order.ended ?? undefined, reason: (order.reason ?? undefined) as OrderLife['reason'] };
  return null;
}

/** Sends an order and follows it. What happens to it is in its life, never thrown; `onchange` gets every new one, and the one before it. */
export function placeOrder(door: OrderDoor, wish: OrderWish, onchange: (life: OrderLife, before: OrderLife | null) => void = () => {}): Placed {
  let life: OrderLife = { legs: wish.legs, limit: wish.limit, quoted: wish.quoted, state: 'signing' };
  onchange(life, null);
  let finished: (life: OrderLife) => void;
  const over = new Promise<OrderLife>((resolve) => (finished = resolve));
  let timer: ReturnType<typeof setInterval> | undefined;
  const change = (by: Partial<OrderLife> | null) => {
    if (!by || isOver(life)) return;
    const before = life;
    life = { ...life, ...by };
    onchange(life, before);
    if (!isOver(life)) return;
    stop();
    clearInterval(timer);
    finished(life);
  };
  // Listening before sending: the fill may be quicker than the answer.
  const early: ApiEvent[] = [];
  const stop = door.follow((event) => (life.order === undefined ? early.push(event) : change(heard(event, life.order))));
  const look = async (number: number) => {
    try {
      change(looked(await door.look(number)));
    } catch {
      // It is asked after again.
    }
  };
  const send = async () => {
    try {
      const answer = await door.send([orderCommand(wish)], () => change({ state: 'sent' }));
      const number = answer.results[0]?.seq ?? undefined;
      const placed = answer.results[0]?.events?.find((event) => event.type === 'order_placed');
      change({ state: 'durable', order: number, dueAt: placed?.type === 'order_placed' ? placed.due_at : undefined });
      if (number === undefined) return life;
      for (const event of early) change(heard(event, number));
      // What was missed while the connection was lost is asked for.
      if (!isOver(life)) timer = setInterval(() => void look(number), LOOK_MS);
    } catch (thrown) {
      const { code, message, data } = asRefusal(thrown);
      change({ state: 'refused', reason: { code, message, data: data as never } });
    }
    return life;
  };
  return { sent: send(), over };
}
