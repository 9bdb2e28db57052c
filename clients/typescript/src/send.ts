/** Commands on their way: a nonce that was not used, an end soon enough, a signature, and the same bytes again when an answer is lost. */
import type { Api } from './http.js';
import { ask, Refusal } from './refusal.js';
import type { Payload, Signer } from './sign.js';
import type { Command, CommandsAnswer, Signed } from './types.js';

/** How long a payload may wait for its venue: ten minutes of this machine, in market time, but never half a day. */
const LIFE_MS = 600_000;
const LIFE_MAX_MS = 43_200_000;

/** Numbers that one signer uses once: the time of this machine, and never the same again. */
export class Nonces {
  #last = 0;
  next(): number {
    this.#last = Math.max(Date.now(), this.#last + 1);
    return this.#last;
  }
  /** Somebody else used the last one: leaves room for what else they may have used. */
  skip() {
    this.#last += 17;
  }
}

/** What a payload has to know of its venue. */
export interface VenueTime {
  /** The venue's id. */
  venue: string;
  /** Market time now, ms. */
  time: number;
  /** Market time by this machine's time; 0 while it is paused. */
  speed: number;
}

export class Sender {
  readonly #api: Api;
  readonly #now: () => VenueTime;
  readonly #nonces = new Nonces();
  /** `now` throws a `Refusal` while the venue is not known. */
  constructor(api: Api, now: () => VenueTime) {
    this.#api = api;
    this.#now = now;
  }

  /** Signs commands for an account, and sends nothing. */
  async sign(account: string, signer: Signer, commands: Command[]): Promise<Signed> {
    const { venue, time, speed } = this.#now();
    const life = Math.min(LIFE_MAX_MS, LIFE_MS * Math.max(1, speed));
    const payload: Payload = { venue, account, nonce: this.#nonces.next(), expires_at: Math.floor(time + life), commands };
    return signer.sign(payload);
  }

  /** Signs commands and sends them; `onsigned` is called between the two. Throws a `Refusal`, also when the only command was refused. */
  async send(account: string, signer: Signer, commands: Command[], onsigned: () => void = () => {}): Promise<CommandsAnswer> {
    const attempt = async () => {
      const signed = await this.sign(account, signer, commands);
      onsigned();
      return this.#post(signed);
    };
    let answer: CommandsAnswer;
    try {
      answer = await attempt();
    } catch (thrown) {
      // Another holder of the key took the same millisecond: nothing was done, and the next one is free.
      if (!(thrown instanceof Refusal) || thrown.code !== 'nonce_used' || signer.asks) throw thrown;
      this.#nonces.skip();
      answer = await attempt();
    }
    const refused = answer.results.find((result) => result.error)?.error;
    if (refused && answer.results.length === 1) throw new Refusal(refused, 400);
    return answer;
  }

  /** Sends what is signed. The same bytes are done once however often they come, so a lost answer is asked for again. */
  async #post(signed: Signed): Promise<CommandsAnswer> {
    const post = () => ask(this.#api.POST('/v1/commands', { body: signed }));
    try {
      return await post();
    } catch (thrown) {
      if (!(thrown instanceof Refusal) || thrown.code !== 'unreachable') throw thrown;
      return post();
    }
  }
}
