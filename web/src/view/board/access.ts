/** Mends what Excalidraw leaves without a name, or names by something else than what is to be read there. Returns how to stop. */
export function mendAccess(host: HTMLElement): () => void {
  const mend = (): void => {
    for (const dialog of host.querySelectorAll('.color-picker-container[role="dialog"]:not([aria-label])')) {
      dialog.setAttribute("aria-label", dialog.closest("fieldset")?.querySelector("legend")?.textContent ?? dialog.parentElement?.textContent ?? "");
      // Its choices stand in the page before anybody opens anything.
      dialog.setAttribute("role", "group");
      dialog.removeAttribute("aria-modal");
    }
    // The button reads "100%"; what it does is its title.
    host.querySelector(".reset-zoom-button")?.removeAttribute("aria-label");
    // That is the foot of a drawing, not of the page.
    for (const foot of host.querySelectorAll('footer:not([role="group"])')) foot.setAttribute("role", "group");
  };
  const observer = new MutationObserver(mend);
  observer.observe(host, { childList: true, subtree: true });
  mend();
  return () => {
    observer.disconnect();
  };
}
