/** A short wash of colour over a figure that changed: at most 300 ms, none for readers who want no motion. */
import type { Attachment } from 'svelte/attachments';
import { compare } from '../num/decimal';

const motion = matchMedia('(prefers-reduced-motion: reduce)');

const isMore = (now: number | string, before: number | string) =>
  typeof now === 'string' && typeof before === 'string' ? compare(now, before) > 0 : now > before;

/** Flashes its element whenever `value` is another one than the last time. */
export function flash(value: () => number | string | null): Attachment<HTMLElement> {
  let last: number | string | null | undefined;
  return (element) => {
    const now = value();
    const before = last;
    last = now;
    if (before === undefined || before === now || now === null || before === null || motion.matches || document.hidden) return;
    const tone = isMore(now, before) ? 'var(--up-wash)' : 'var(--down-wash)';
    element.animate([{ backgroundColor: tone }, { backgroundColor: 'transparent' }], { duration: 300, easing: 'ease-out' });
  };
}
