/** The venue's HTTP API, typed by its own description. Whatever goes wrong is a `Refusal`: a code, a sentence, the numbers. */
import createClient from 'openapi-fetch';
import type { ApiError, Paths } from './types';

/** Why a request was not done. */
export class Refusal extends Error {
  readonly code: string;
  readonly data: Record<string, unknown>;
  /** The HTTP status; 0 when nothing answered. */
  readonly status: number;
  constructor(error: Pick<ApiError, 'code' | 'message'> & { data?: object }, status: number) {
    super(error.message);
    this.name = 'Refusal';
    this.code = error.code;
    this.data = { ...error.data };
    this.status = status;
  }
}

const UNREACHABLE = { code: 'unreachable', message: 'The venue does not answer. Check that it runs; the page tries again by itself.' };

/** Requests that take longer are given up, ms. */
const PATIENCE = 15_000;

async function patient(request: Request): Promise<Response> {
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(PATIENCE)]);
  return fetch(new Request(request, { signal }));
}

/** The API. Wrap calls in `ask`, which throws a `Refusal` rather than hand out half an answer. */
export const api = createClient<Paths>({ baseUrl: location.origin, fetch: patient });

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The answer of a call, or a thrown `Refusal`. */
export async function ask<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (cause) {
    throw cause instanceof DOMException && cause.name === 'AbortError' ? cause : new Refusal(UNREACHABLE, 0);
  }
  if (answer.response.ok && answer.data !== undefined) return answer.data;
  throw refusalOf(answer.error, answer.response.status);
}

/** The refusal in a body, or one that says that there was none. */
export function refusalOf(body: unknown, status: number): Refusal {
  const error = (body as { error?: Partial<ApiError> } | null | undefined)?.error;
  if (error && typeof error.code === 'string' && typeof error.message === 'string') {
    return new Refusal({ code: error.code, message: error.message, data: error.data ?? {} }, status);
  }
  return new Refusal({ code: 'unreadable', message: `The venue answered ${status} with nothing that this page can read. Reload the page.` }, status);
}

/** Anything that was thrown, as a refusal. */
export function asRefusal(thrown: unknown): Refusal {
  if (thrown instanceof Refusal) return thrown;
  const said = thrown instanceof Error ? thrown.message : String(thrown);
  return new Refusal({ code: 'page', message: `${said || 'Something in this page went wrong'}.` }, 0);
}
