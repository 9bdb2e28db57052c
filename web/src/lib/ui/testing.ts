/** Components in tests: mounted into a document, drawn at once, taken down after each test. */
import { createRawSnippet, flushSync, mount, unmount, type Component, type Snippet } from 'svelte';
import { afterEach } from 'vitest';

const mounted: ReturnType<typeof mount>[] = [];

afterEach(async () => {
  for (const each of mounted.splice(0)) await unmount(each);
  document.body.replaceChildren();
});

/** The element that holds a mounted component. */
export function render<P extends Record<string, unknown>>(component: Component<P>, props: P): HTMLElement {
  const target = document.createElement('div');
  document.body.append(target);
  mounted.push(mount(component, { target, props }));
  flushSync();
  return target;
}

/** A snippet of plain text. */
export function words(text: string): Snippet {
  return createRawSnippet(() => ({ render: () => `<span>${text}</span>` }));
}

/** Text as a reader sees it: what is hidden until asked for is left out, each piece a word of its own. */
export function said(element: Element | null | undefined): string {
  const gather = (node: Node): string => {
    if (node instanceof Element && node.hasAttribute('popover')) return '';
    return node.nodeType === Node.TEXT_NODE ? (node.textContent ?? '') : [...node.childNodes].map(gather).join(' ');
  };
  return element ? gather(element).replace(/\s+/g, ' ').replace(/ ([,.])/g, '$1').trim() : '';
}

/** Presses a key on an element; whether the page took it. */
export function press(element: Element, key: string, more: KeyboardEventInit = {}): boolean {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more });
  element.dispatchEvent(event);
  flushSync();
  return event.defaultPrevented;
}
