// Buys a call at a venue in dev mode: `cenote up`, then `npm run example`.
import { connect, newKey } from '@cenote/client';
import WebSocket from 'ws';

const venue = await connect(process.env.CENOTE_NODE ?? 'http://127.0.0.1:8980', { WebSocket });
const me = venue.trader(newKey());
await me.fund('10000');

const { expiries } = await venue.chain();
const { strikes, forward } = expiries[1];
const { call } = strikes.find(({ strike }) => strike > forward);
const legs = [{ instrument: call.instrument_name, size: '0.1' }];

const quote = await me.quote(legs);
console.log(`0.1 of ${call.instrument_name} cost ${quote.cost.total} at tick ${quote.tick}; the order may pay ${quote.limit_suggested}`);

const { state, tick, cost, reason } = await me.place({ legs, limit: quote.limit_suggested }).over;
if (state !== 'filled') throw new Error(reason.message);
console.log(`filled at tick ${tick} for ${cost.total}: mark ${cost.mark}, fee ${cost.fee}`);

const { positions, cash } = await me.account();
for (const { instrument_name, size } of positions) console.log(`${me.address} holds ${size} of ${instrument_name} and ${cash} in cash`);
venue.close();
