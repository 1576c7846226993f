import { ownWindow } from "./outward";

/** Document Picture-in-Picture (https://wicg.github.io/document-picture-in-picture/), as far as it is used here. Not every browser has it. */
interface DocumentPictureInPicture {
  readonly requestWindow: (options: { readonly width: number; readonly height: number }) => Promise<Window>;
}

/** Wide enough for the buttons with their words; the person makes it as large as they like, and the browser remembers that. */
const SIZE_PX = { width: 400, height: 320 };

/** Returns what opens the window, or null. Only a window that is in no other one may; the page around this one does it for us. */
function opener(): DocumentPictureInPicture | null {
  const window = ownWindow();
  return window === window.parent ? (window.documentPictureInPicture ?? null) : null;
}

export function canOpenSmallWindow(): boolean {
  return opener() !== null;
}

/** A window above all others, dressed like the page. One at a time. */
export class SmallWindow {
  readonly #closed: (root: HTMLElement) => void;
  #window: Window | null = null;
  #root: HTMLElement | null = null;

  /** `closed` is told when a window that was open is not any more, whoever closed it, with what was in it. */
  constructor(closed: (root: HTMLElement) => void) {
    this.#closed = closed;
  }

  /** What to draw into; null while the window is not open. */
  get root(): HTMLElement | null {
    return this.#root;
  }

  /** To be called inside a click. Returns whether the window is open now. */
  async open(): Promise<boolean> {
    try {
      const small = await opener()?.requestWindow(SIZE_PX);
      if (small === undefined) return false;
      this.#window = small;
      const closed = new Promise<void>((resolve) => {
        small.addEventListener("pagehide", () => {
          resolve();
          this.#forget(small);
        });
      });
      await Promise.race([closed, withStyles(small.document)]);
      if (small.closed || this.#window !== small) return false;
      const root = small.document.createElement("div");
      root.className = "small-window";
      small.document.body.append(root);
      this.#root = root;
      return true;
    } catch {
      // The browser refuses where the click is too long ago, or somebody has forbidden it.
      return false;
    }
  }

  close(): void {
    this.#window?.close();
  }

  #forget(small: Window): void {
    if (this.#window !== small) return;
    const root = this.#root;
    this.#window = null;
    this.#root = null;
    if (root !== null) this.#closed(root);
  }
}

/** Gives a document the styles of this one, the company's colours among them. Waits for them, so that nothing is seen undressed. */
async function withStyles(small: Document): Promise<void> {
  const sheets = document.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"]');
  const loaded = [...sheets].map((sheet) => {
    const copy = small.createElement("link");
    copy.rel = "stylesheet";
    copy.href = sheet.href;
    small.head.append(copy);
    return new Promise((resolve) => {
      copy.addEventListener("load", resolve);
      copy.addEventListener("error", resolve);
    });
  });
  await Promise.all(loaded);
}

declare global {
  interface Window {
    readonly documentPictureInPicture?: DocumentPictureInPicture;
  }
}
