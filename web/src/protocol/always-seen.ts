import type { ElementInfo } from "livekit-client";

/**
 * What the media engine is to know of a picture in the small window: that it is seen, also while the page itself is not, and how large it is.
 * The library would find that out by itself only where the window was opened by this very page, not where the page around it did.
 */
export function alwaysSeen(element: HTMLMediaElement): ElementInfo {
  // One of the window that shows it: those of a page that is not seen stand still.
  const Observer = element.ownerDocument.defaultView?.ResizeObserver ?? ResizeObserver;
  const info: ElementInfo = {
    element,
    width: () => element.clientWidth,
    height: () => element.clientHeight,
    visible: true,
    pictureInPicture: true,
    visibilityChangedAt: undefined,
    observe: () => {
      observer.observe(element);
    },
    stopObserving: () => {
      observer.disconnect();
    },
  };
  const observer = new Observer(() => {
    info.handleResize?.();
  });
  return info;
}
