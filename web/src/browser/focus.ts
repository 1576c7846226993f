/**
 * Draws, and puts the keyboard back into the page if what had it is gone: a button that has done its work and vanished must not
 * send whoever works by keyboard or screen reader back to nowhere.
 */
export function keepingFocus(page: HTMLElement, draw: () => void): void {
  const had = document.activeElement;
  draw();
  if (had === null || had === document.body || had.isConnected || document.activeElement !== document.body) return;
  page.querySelector<HTMLElement>("dialog[open] button, h1")?.focus({ preventScroll: true });
}
