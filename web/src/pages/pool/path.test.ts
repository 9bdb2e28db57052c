import type { NavPoint } from '@cenote/client';
import { describe, expect, it } from 'vitest';
import { funded } from './path.svelte';

const at = (time: number, nav_low: number) => ({ time, nav_low }) as NavPoint;

describe('the path of a pool', () => {
  it('begins with its first money, and keeps what comes after even at zero', () => {
    expect(funded([at(1, 0), at(2, 0), at(3, 10), at(4, 0), at(5, 7)]).map((point) => point.time)).toEqual([3, 4, 5]);
    expect(funded([at(1, 0), at(2, 0)])).toEqual([]);
    expect(funded([at(1, 4)])).toHaveLength(1);
  });
});
