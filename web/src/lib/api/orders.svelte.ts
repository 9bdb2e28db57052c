/** Orders that this page sent, followed from the signature to the fill. */
import { type OrderDoor, type OrderLife, type OrderWish, placeOrder } from '@cenote/client';
import { live } from '../app/live.svelte';
import { cash } from '../num/format';
import { api, ask } from './client';
import { venue } from './venue.svelte';
import { accounts } from './wallet.svelte';

/** How many are kept in view. */
const KEPT = 50;

const door: OrderDoor = {
  send: (commands, onsigned) => accounts.send(commands, onsigned),
  follow: (handler) => (accounts.address ? venue.follow(accounts.address, handler) : () => {}),
  look: (number) => ask(api.GET('/v1/orders/{number}', { params: { path: { number } } })),
};

class Orders {
  /** Newest first. */
  sent = $state.raw<OrderLife[]>([]);

  /** Sends an order and follows it. What happens to it is in its life, never thrown. */
  async place(wish: OrderWish): Promise<OrderLife> {
    return placeOrder(door, wish, (life, before) => {
      if (before) this.sent = this.sent.map((each) => (each === before ? life : each));
      else this.sent = [life, ...this.sent].slice(0, KEPT);
      this.#say(life);
    }).sent;
  }

  #say(life: OrderLife) {
    if (life.state === 'refused') live.say(`Order refused: ${life.reason?.message ?? ''}`);
    if (life.state === 'filled' && life.cost) live.say(`Filled for ${cash(life.cost.total)} ${venue.quote}.`);
    if (life.state === 'ended') live.say(`Order ended without a fill. ${life.reason?.message ?? ''}`);
  }
}

export const orders = new Orders();
