/** A short wash of colour over a figure that changed: at most 300 ms, none for readers who want no motion. */
import type { Attachment } from 'svelte/attachments';
import { compare } from '../num/decimal';

type Figure = number | string;

const motion = matchMedia('(prefers-reduced-motion: reduce)');

const isMore = (now: Figure, before: Figure) => (typeof now === 'string' && typeof before === 'string' ? compare(now, before) > 0 : now > before);

/** Flashes an element whose figure is another one than before. */
export function flash(element: HTMLElement, now: Figure, before: Figure) {
  if (motion.matches || document.hidden) return;
  const tone = isMore(now, before) ? 'var(--up-wash)' : 'var(--down-wash)';
  element.animate([{ backgroundColor: tone }, { backgroundColor: 'transparent' }], { duration: 300, easing: 'ease-out' });
}

/** Flashes its element whenever `value` is another one than the last time. */
export function flashing(value: () => Figure | null): Attachment<HTMLElement> {
  let last: Figure | null | undefined;
  return (element) => {
    const now = value();
    const before = last;
    last = now;
    if (before != null && now !== null && now !== before) flash(element, now, before);
  };
}
