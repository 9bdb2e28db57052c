import { describe, expect, it } from 'vitest';
import * as t from './time';

const AT = Date.UTC(2026, 2, 27, 8, 0, 5);

describe('time in words', () => {
  it.each([
    ['name', t.expiryName(AT), '27 MAR 26'],
    ['moment', t.dateTime(AT), '27 Mar 2026 08:00 UTC'],
    ['day', t.date(AT), '27 Mar 2026'],
    ['near now', t.clock(AT), '27 Mar 08:00:05'],
    ['two units', t.duration(t.DAYS(3) + t.HOURS(4) + 5), '3 d 4 h'],
    ['one unit when the next is nothing', t.duration(t.HOURS(2)), '2 h'],
    ['minutes', t.duration(t.MINUTES(5) + 6_999), '5 m 6 s'],
    ['seconds', t.duration(7_999), '7 s'],
    ['nothing', t.duration(999), '0 s'],
    ['less than nothing', t.duration(-1), '0 s'],
    ['age', t.age(12_000), '12 s old'],
    ['far expiry', t.countdown(t.DAYS(34) + 5), '34 d'],
    ['near expiry', t.countdown(t.HOURS(47) + t.MINUTES(3)), '1 d 23 h'],
  ])('%s', (_, got, want) => expect(got).toBe(want));

  it('ages with market time, and not before it arrived', () => {
    expect(t.ageNow(1_000, 50, 150, 60)).toBe(7_000);
    expect(t.ageNow(1_000, 50, 40, 60)).toBe(1_000);
  });
});
