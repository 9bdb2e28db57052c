/** A client of a Cenote venue. */
export * from './http.js';
export * from './keys.js';
export * from './order.js';
export * from './refusal.js';
export * from './send.js';
export * from './sign.js';
export * from './socket.js';
export * from './types.js';
export * from './venue.js';
