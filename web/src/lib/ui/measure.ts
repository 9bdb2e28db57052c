/** The size of an element whenever it is another one. It is told after the layout that made it, so that asking makes none. */
import type { Attachment } from 'svelte/attachments';

export function measure(tell: (width: number, height: number) => void): Attachment<HTMLElement> {
  return (element) => {
    const observer = new ResizeObserver(() => tell(element.clientWidth, element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  };
}

/** Does something before the next picture, when several that measure do so at once; what it gives back calls it off. */
export function beforeNextPicture(run: () => void): () => void {
  const frame = requestAnimationFrame(run);
  return () => cancelAnimationFrame(frame);
}
