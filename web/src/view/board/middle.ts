import type { ExcalidrawImperativeAPI } from "@excalidraw/excalidraw/types";

/** As much as rounding may change a zoom. */
const SAME_ZOOM = 0.001;

/**
 * Keeps what is in the middle of a drawing there when its window gets another size, as when a phone is turned: Excalidraw keeps what is
 * at the corner. `fit` shows the whole drawing, at once and again for as long as nobody has zoomed; where it is null, the zoom stays.
 * Returns what is to be called after each change.
 */
export function keepMiddle(api: ExcalidrawImperativeAPI, fit: (() => void) | null): () => void {
  let { width, height } = api.getAppState();
  // What it fits at is known with the next change.
  let fitted: number | null = null;
  fit?.();
  return () => {
    const now = api.getAppState();
    const zoom = now.zoom.value;
    fitted ??= zoom;
    const [wider, higher] = [now.width - width, now.height - height];
    if (wider === 0 && higher === 0) return;
    [width, height] = [now.width, now.height];
    if (fit !== null && Math.abs(zoom - fitted) < SAME_ZOOM) {
      fitted = null;
      fit();
    } else {
      api.updateScene({ appState: { scrollX: now.scrollX + wider / 2 / zoom, scrollY: now.scrollY + higher / 2 / zoom } });
    }
  };
}
