/** The venue's HTTP API, typed by its own description. */
import createClient, { type Client } from 'openapi-fetch';
import type { Paths } from './types.js';

/** How long an answer may take, ms. */
const PATIENCE = 15_000;

export type Api = Client<Paths>;

export interface ApiOptions {
  /** Instead of the platform's own. */
  fetch?: typeof globalThis.fetch;
  /** Requests that take longer are given up, ms. */
  patience?: number;
}

/** The API at an address like `http://127.0.0.1:8980`. Calls resolve to `{ data, error, response }`; `outcome` and `ask` read those. */
export function createApi(base: string, options: ApiOptions = {}): Api {
  const { patience = PATIENCE } = options;
  const ask = options.fetch ?? globalThis.fetch;
  const patient = async (request: Request) => {
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(patience)]);
    return ask(new Request(request, { signal }));
  };
  return createClient<Paths>({ baseUrl: base.replace(/\/+$/, ''), fetch: patient });
}
