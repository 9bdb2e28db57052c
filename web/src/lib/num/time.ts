/** Moments and durations in words. Moments are integer milliseconds of market time, shown in UTC. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const two = (n: number) => n.toString().padStart(2, '0');

function parts(ms: number) {
  const at = new Date(ms);
  return {
    day: at.getUTCDate(),
    month: MONTHS[at.getUTCMonth()] ?? '',
    year: at.getUTCFullYear(),
    hour: two(at.getUTCHours()),
    minute: two(at.getUTCMinutes()),
    second: two(at.getUTCSeconds()),
  };
}

/** `27 MAR 26`: an expiry in a name. */
export function expiryName(ms: number): string {
  const p = parts(ms);
  return `${p.day} ${p.month.toUpperCase()} ${two(p.year % 100)}`;
}

/** `27 Mar 2026 08:00 UTC`. */
export function dateTime(ms: number): string {
  const p = parts(ms);
  return `${p.day} ${p.month} ${p.year} ${p.hour}:${p.minute} UTC`;
}

/** `27 Mar 2026`. */
export function date(ms: number): string {
  const p = parts(ms);
  return `${p.day} ${p.month} ${p.year}`;
}

/** `27 Mar 08:00:05`: a moment near now. */
export function clock(ms: number): string {
  const p = parts(ms);
  return `${p.day} ${p.month} ${p.hour}:${p.minute}:${p.second}`;
}

const LOCAL = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

/** The same moment by the reader's own clock, for a title. */
export function local(ms: number): string {
  return LOCAL.format(ms);
}

/** Two units: `3 d 4 h`, `5 m 6 s`, `7 s`. Less than a second is `0 s`, less than nothing is nothing. */
export function duration(ms: number): string {
  const left = Math.max(0, ms);
  const units: [number, string][] = [
    [DAY, 'd'],
    [HOUR, 'h'],
    [MINUTE, 'm'],
    [SECOND, 's'],
  ];
  for (const [at, [length, name]] of units.entries()) {
    const whole = Math.floor(left / length);
    if (whole === 0 && at < units.length - 1) continue;
    const next = units[at + 1];
    if (!next) return `${whole} ${name}`;
    const rest = Math.floor((left % length) / next[0]);
    return rest === 0 ? `${whole} ${name}` : `${whole} ${name} ${rest} ${next[1]}`;
  }
  return '0 s';
}

/** How old something is: `12 s old`. */
export function age(ms: number): string {
  return `${duration(ms)} old`;
}

/** Time until an expiry: whole days, from 48 hours on down to the second. */
export function countdown(ms: number): string {
  return ms >= 2 * DAY ? `${Math.floor(ms / DAY)} d` : duration(ms);
}

/** An age at a moment on this machine, of something that was `age` old when it arrived, while market time ran at `speed`. */
export function ageNow(age: number, arrived: number, now: number, speed: number): number {
  return age + Math.max(0, now - arrived) * speed;
}

/** So many milliseconds of market time after a moment. */
export function later(ms: number, by: number): number {
  return ms + by;
}

/** A length of time at a speed of the clock: that of market time while it runs faster than this machine's. */
export function atSpeed(ms: number, speed: number): number {
  return ms * Math.max(1, speed);
}

export const MINUTES = (n: number) => n * MINUTE;
export const HOURS = (n: number) => n * HOUR;
export const DAYS = (n: number) => n * DAY;
