/** Whatever goes wrong is a value: a code, a sentence, the numbers compared, the next step. */
import type { ApiError } from './types.js';

/** Why a request was not done. */
export class Refusal extends Error {
  /** The stable code, snake case: one of `GET /v1/errors`, or one of this client (`unreachable`, `unreadable`, `aborted`, `client`, ...). */
  readonly code: string;
  /** The numbers compared, by name; amounts as decimal text. */
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

  /** What was required and what was there. */
  get sentence(): string {
    return this.next === null ? this.message : this.message.slice(0, -this.next.length).replace(/[;.]\s*$/, '');
  }
  /** What to do, where the message says it: the venue puts it after its last semicolon. */
  get next(): string | null {
    const at = this.message.lastIndexOf('; ');
    return at < 0 ? null : this.message.slice(at + 2);
  }
}

/** An answer or the reason why there is none. */
export type Result<T> = { ok: true; value: T } | { ok: false; refusal: Refusal };

/** What a call of the typed API resolves to. */
interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The outcome of a call as a value; never throws. */
export async function outcome<T>(call: Promise<Answer<T>>): Promise<Result<T>> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (cause) {
    return { ok: false, refusal: unanswered(cause) };
  }
  if (answer.response.ok && answer.data !== undefined) return { ok: true, value: answer.data };
  return { ok: false, refusal: refusalOf(answer.error, answer.response.status) };
}

/** The answer of a call, or a thrown `Refusal`: for where the way on is the same whatever was refused. */
export async function ask<T>(call: Promise<Answer<T>>): Promise<T> {
  const result = await outcome(call);
  if (!result.ok) throw result.refusal;
  return result.value;
}

function unanswered(cause: unknown): Refusal {
  if (cause instanceof Error && cause.name === 'AbortError') return new Refusal({ code: 'aborted', message: 'The request was given up; ask again.' }, 0);
  return new Refusal({ code: 'unreachable', message: 'The venue does not answer; check that it runs, then try again.' }, 0);
}

/** The refusal in a body, or one that says that there was none. */
export function refusalOf(body: unknown, status: number): Refusal {
  const error = (body as { error?: Partial<ApiError> } | null | undefined)?.error;
  if (error && typeof error.code === 'string' && typeof error.message === 'string') {
    return new Refusal({ code: error.code, message: error.message, data: error.data ?? {} }, status);
  }
  return new Refusal({ code: 'unreadable', message: `The venue answered ${status} with nothing that can be read; check the address and the versions.` }, status);
}

/** Anything that was thrown, as a refusal. */
export function asRefusal(thrown: unknown): Refusal {
  if (thrown instanceof Refusal) return thrown;
  const said = thrown instanceof Error ? thrown.message : String(thrown);
  return new Refusal({ code: 'client', message: `${said || 'Something went wrong here'}.` }, 0);
}
