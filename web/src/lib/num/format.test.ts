import { afterEach, describe, expect, it } from 'vitest';
import * as f from './format';
import { known, map, Unknown } from './known';

const M = '\u2212';

afterEach(() => f.setGrouping('comma'));

describe('numbers for people', () => {
  const table: [string, string, string][] = [
    ['price', f.price('4812.4'), '4,812.40'],
    ['price with the decimals of its tick', f.price('100000', 0), '100,000'],
    ['price of many digits', f.price('123456789012345678901234567890.125', 2), '123,456,789,012,345,678,901,234,567,890.13'],
    ['cash', f.cash('9624.8'), '9,624.80'],
    ['cash keeps every digit that it shows', f.cash('90071992547409931.23'), '90,071,992,547,409,931.23'],
    ['half away from zero', f.cash('0.125'), '0.13'],
    ['half away from zero, negative', f.cash('-0.125'), `${M}0.13`],
    ['zero', f.cash('0'), '0.00'],
    ['zero, however written', f.cash('-0.000000'), '0.00'],
    ['tiny', f.cash('0.000001'), '<0.01'],
    ['tiny, negative', f.cash('-0.000001'), `>${M}0.01`],
    ['tiny float', f.fixed(1e-9, 2), '<0.01'],
    ['tiny without decimals', f.fixed('0.2', 0), '<1'],
    ['rounds up to the least', f.cash('0.005'), '0.01'],
    ['signed up', f.signedCash('1.5'), '+1.50'],
    ['signed down', f.signedCash('-1.5'), `${M}1.50`],
    ['signed zero', f.signedCash('0'), '0.00'],
    ['change', f.signedPercent(-1.2), `${M}1.20%`],
    ['change of nothing', f.signedPercent(0), '0.00%'],
    ['tiny change', f.signedPercent(0.0001), '+<0.01%'],
    ['percent', f.percent(61.27), '61.3%'],
    ['size', f.size('2.500000'), '2.5'],
    ['whole size', f.size('1200'), '1,200'],
    ['size with fewer decimals', f.size('0.123456', 2), '0.12'],
    ['signed size', f.signedSize('-3'), `${M}3`],
    ['large', f.large('12400000'), '12.4\u00a0M'],
    ['large, thousands', f.large('1234.5'), '1.2\u00a0k'],
    ['large rounds across its unit', f.large('999950'), '1.0\u00a0M'],
    ['large stays below it', f.large('999949'), '999.9\u00a0k'],
    ['large, negative', f.large('-2500000000'), `${M}2.5\u00a0B`],
    ['not large', f.large('999.994'), '999.99'],
    ['greek', f.greek(0.41234), '0.412'],
    ['greek, rounding up a digit', f.greek(0.9996), '1.00'],
    ['greek, hundreds', f.greek(1234.5), '1,230'],
    ['greek, negative', f.greek(-12.345), `${M}12.3`],
    ['greek, small', f.greek(0.0000213), '0.0000213'],
    ['greek, smaller', f.greek(-0.00000213), `${M}2.13\u00d710\u207b\u2076`],
    ['greek, zero', f.greek(0), '0.00'],
    ['plain of a small float', f.plain(1.5e-7), '0.00000015'],
    ['unknown', f.text(new Unknown('no vol gives this price'), f.percent), '\u2014'],
    ['known', f.text(known(61.27, 'none'), f.percent), '61.3%'],
  ];
  it.each(table)('%s', (_, got, want) => expect(got).toBe(want));

  it('groups as the reader chose', () => {
    f.setGrouping('space');
    expect(f.cash('1234567.5')).toBe('1\u202f234\u202f567.50');
    f.setGrouping('point');
    expect(f.cash('1234567.5')).toBe('1.234.567,50');
    expect(f.size('1234.500')).toBe('1.234,5');
    expect(f.cash('0.001')).toBe('<0,01');
  });

  it('says a change by sign, arrow, word and colour', () => {
    expect(f.arrow('-1')).toEqual({ arrow: '\u25bc', word: 'down', tone: 'down' });
    expect(f.arrow(0)).toEqual({ arrow: '', word: 'unchanged', tone: '' });
    expect(f.arrow(2)).toEqual({ arrow: '\u25b2', word: 'up', tone: 'up' });
  });

  it('never shows a value that is not zero as zero', () => {
    for (let power = 0; power < 12; power += 1) {
      const text = `0.${'0'.repeat(power)}1`;
      expect(f.cash(text)).not.toBe('0.00');
      expect(f.cash(`-${text}`)).not.toBe('0.00');
    }
  });
});

describe('the short ways of common figures', () => {
  /** The same without any: digits by `toPrecision`, and decimals as the exponent asks for. */
  const plainly = (value: number) => {
    const exponent = Number(value.toExponential(2).split('e')[1]);
    return `${value < 0 ? M : ''}${Math.abs(Number(value.toPrecision(3))).toFixed(Math.max(0, 2 - exponent))}`;
  };
  it('give a sensitivity the digits of the long way', () => {
    for (const edge of [0.01, 0.0999, 0.09995, 0.09999, 0.1, 0.0100049, 0.9985, 0.999, 0.9994, 0.9995, 0.9999, 1, 1.005, 9.995]) {
      for (const value of [edge, -edge, edge - 1e-12, edge + 1e-12]) expect([value, f.greek(value)]).toEqual([value, plainly(value)]);
    }
    for (let n = 1; n < 3_000; n += 1) expect(f.greek(n / 2_999.7)).toBe(plainly(n / 2_999.7));
  });
  it('give a float the digits of its decimal text', () => {
    for (let n = 0; n < 2_000; n += 1) {
      const value = ((n * 7_919) % 1_000_003) / 64 - 4_000;
      for (const decimals of [0, 1, 2, 4]) expect([value, f.fixed(value, decimals)]).toEqual([value, f.fixed(f.plain(value), decimals)]);
    }
  });
});

describe('what is not known', () => {
  it('is not zero, and says why', () => {
    for (const nothing of [null, undefined, NaN, Infinity]) {
      const value = known<number>(nothing, 'the pool would not take it');
      expect(value).toBeInstanceOf(Unknown);
      expect(f.text(value, f.cash)).toBe('\u2014');
    }
    expect(known(0, 'never')).toBe(0);
    expect(known('', 'never')).toBe('');
    expect(map(new Unknown('gone'), () => 1)).toEqual(new Unknown('gone'));
    expect(map(known(2, ''), (n) => n + 1)).toBe(3);
  });
});
