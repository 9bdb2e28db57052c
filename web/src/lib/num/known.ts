/** A value, or the reason why there is none. `null`, `undefined` and `NaN` do not fit: whoever reads an answer has to say why it may be missing. */
export type Known<T> = T | Unknown;

/** That something is not known. Shown as an em dash with its reason; never as zero. */
export class Unknown {
  /** In words, for people. */
  readonly why: string;
  constructor(why: string) {
    this.why = why;
  }
}

/** What an answer holds, or why it is missing. */
export function known<T>(value: T | null | undefined, why: string): Known<T> {
  if (value === null || value === undefined) return new Unknown(why);
  if (typeof value === 'number' && !Number.isFinite(value)) return new Unknown(why);
  return value;
}

/** Whether there is a value. */
export function isKnown<T>(value: Known<T>): value is T {
  return !(value instanceof Unknown);
}

/** The same of a part of it: what is unknown stays unknown for the same reason. */
export function map<T, U>(value: Known<T>, f: (value: T) => Known<U>): Known<U> {
  return value instanceof Unknown ? value : f(value);
}
