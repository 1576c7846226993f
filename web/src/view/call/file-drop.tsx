import { useLayoutEffect } from "preact/hooks";
import type { Ports } from "./ports";

/** Takes files that are dropped onto the call, or pasted, and shows where they go. Only where the person may send some. */
export function useFileDrop(allowed: boolean, { sendFiles, use }: Ports): void {
  useLayoutEffect(() => {
    if (!allowed) return undefined;
    const stop = new AbortController();
    const { signal } = stop;
    const root = document.documentElement;
    const over = (event: DragEvent): void => {
      if (event.dataTransfer?.types.includes("Files") !== true) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      root.dataset.dropping = "true";
    };
    const take = (list: FileList | undefined, event: Event): void => {
      delete root.dataset.dropping;
      if (list === undefined || list.length === 0) return;
      event.preventDefault();
      use({ kind: "tabWished", tab: "files" });
      sendFiles([...list]);
    };
    document.addEventListener("dragover", over, { signal });
    document.addEventListener(
      "dragleave",
      (event) => {
        if (event.relatedTarget === null) delete root.dataset.dropping;
      },
      { signal },
    );
    document.addEventListener(
      "drop",
      (event) => {
        take(event.dataTransfer?.files, event);
      },
      { signal },
    );
    document.addEventListener(
      "paste",
      (event) => {
        take(event.clipboardData?.files, event);
      },
      { signal },
    );
    return () => {
      stop.abort();
      delete root.dataset.dropping;
    };
  }, [allowed]);
}
