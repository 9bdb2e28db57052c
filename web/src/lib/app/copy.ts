/** What is copied of a figure is the plain number with every digit, not what was rounded for the eye. */

/** For the document's `copy`: when exactly one figure is selected, its plain text goes to the clipboard. */
export function copyPlain(event: ClipboardEvent): void {
  const selection = getSelection();
  if (!selection || selection.isCollapsed || !event.clipboardData) return;
  const start = selection.anchorNode;
  const element = start instanceof Element ? start : start?.parentElement;
  const figure = element?.closest<HTMLElement>('[data-plain]');
  const plain = figure?.dataset.plain;
  if (!plain || !figure.contains(selection.focusNode)) return;
  // A part of a figure was selected on purpose.
  if (selection.toString().trim() !== figure.innerText.trim() && !figure.innerText.includes(selection.toString().trim())) return;
  event.clipboardData.setData('text/plain', plain);
  event.preventDefault();
}
